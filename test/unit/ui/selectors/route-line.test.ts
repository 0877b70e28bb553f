import { describe, expect, it } from "vitest";
import type { FloatingIpSnapshot } from "../../../../src/model/floating-ip.ts";
import type { RouteProbeView } from "../../../../src/model/route-probe.ts";
import type { ClusterSnapshot } from "../../../../src/model/snapshot.ts";
import { ASCII_GLYPHS } from "../../../../src/ui/glyphs.ts";
import { selectRouteSegments } from "../../../../src/ui/selectors/route-line.ts";
import { buildR1, NOW } from "../../../support/model-builders.ts";

const CALM: RouteProbeView = {
  address: "10.0.0.9:3306",
  state: "fresh",
  failure: null,
  failedAt: null,
  failsAgain: false,
  last: { name: "db1", at: NOW - 2_000, readOnly: false },
  mismatch: null,
  confirmed: false,
};
const FAILURE = {
  kind: "timeout",
  target: "w",
  operation: "route",
  message: "",
  advice: null,
  serverCode: null,
} as const;

function textOf(cluster: ClusterSnapshot): string {
  return selectRouteSegments(cluster, NOW, ASCII_GLYPHS)
    .map(({ text }) => text)
    .join("");
}

function withProbe(patch: Partial<RouteProbeView>): string {
  const cluster = buildR1().snapshot();
  if (cluster.writer === null) throw new Error("R1 has a writer");
  return textOf({ ...cluster, writer: { ...cluster.writer, probe: { ...CALM, ...patch } } });
}

function withAddress(state: FloatingIpSnapshot["state"], ...holders: readonly string[]): string {
  const floatingIp = { address: "10.10.10.1", state, holders, hosts: [], confirmed: true };
  return textOf({ ...buildR1().snapshot(), floatingIp });
}

describe("the route in the header", () => {
  it("is not there where nobody asks", () => {
    expect(textOf(buildR1().snapshot())).toBe("");
    expect(withProbe({ state: "never", last: null })).toBe("");
  });

  it("names who really gets writes and when that was asked", () => {
    expect(withProbe({})).toBe("  writes db1 2s");
  });

  it("marks a server that should not get them, and says why there is no answer", () => {
    const { critical, unknown } = ASCII_GLYPHS.health;
    const stranger = { name: "unknown \u001b[2Jserver", at: NOW - 2_000, readOnly: false };
    expect(withProbe({ mismatch: "other", confirmed: true, last: stranger })).toMatch(
      /^ {2}writes .unknown [^\u001b]+ 2s$/,
    );
    expect(withProbe({ state: "failed", failure: FAILURE })).toBe(`  writes ${critical}timeout 2s`);
    expect(withProbe({ state: "stale" })).toBe(`  writes ${unknown} 2s`);
  });

  it("names who answered for reads last, at each of their addresses, and marks a stranger among them", () => {
    const read = (backend: string, patch: Partial<RouteProbeView>) => ({
      backend,
      expected: ["db3", "db4"],
      probed: null,
      probedAt: null,
      probe: { ...CALM, ...patch },
    });
    const at = (name: string) => ({ name, at: NOW - 3_000, readOnly: true });
    const cluster = buildR1().snapshot();
    const { warning, critical } = ASCII_GLYPHS.health;
    expect(textOf({ ...cluster, readerRoutes: [read("r", { last: at("db3") })] })).toBe("  reads db3 3s");
    const routes = [
      read("r", { last: at("db1"), mismatch: "other", confirmed: false }),
      read("late", { state: "never", last: null }),
      read("r2", { last: at("db\u001b[2J1"), mismatch: "other", confirmed: true }),
      read("r3", { state: "failed", failure: FAILURE, last: null }),
    ];
    const text = textOf({ ...cluster, readerRoutes: routes });
    expect(text).toMatch(/^ {2}reads .db1 3s {2}reads .db[^\u001b]+ 3s {2}reads .timeout$/);
    expect(text).toContain(`reads ${warning}db1`);
    expect(text).toContain(`reads ${critical}db`);
    expect(text).toContain(`reads ${critical}timeout`);
  });

  it("names who holds the floating address", () => {
    const { critical, unknown } = ASCII_GLYPHS.health;
    expect(withAddress("held", "lb1")).toBe("  IP lb1");
    expect(withAddress("double", "lb1", "lb2")).toBe(`  IP ${critical}lb1+lb2`);
    expect(withAddress("none")).toBe(`  IP ${critical}nobody`);
    expect(withAddress("unknown")).toBe(`  IP ${unknown}`);
  });
});
