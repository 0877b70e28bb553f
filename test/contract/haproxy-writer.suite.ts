/** What every HAProxy that can be changed must be good for, as far as the writer is concerned: the simulator and real processes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HaproxyChange, HaproxyChangeResult, HaproxyWriter } from "../../src/drivers/contract.ts";
import { createHaproxyWriter } from "../../src/drivers/haproxy/writer.ts";
import type { HaproxyServer } from "../../src/model/haproxy.ts";
import type { HaproxyLocation } from "../../src/model/settings.ts";
import { waitFor } from "../lab/wait.ts";
import { findServer, type LiveHaproxySubject, openReader, pollOnce } from "./haproxy-reader.suite.ts";

export function openWriter(location: HaproxyLocation): HaproxyWriter {
  return createHaproxyWriter({ name: "lb1", location });
}

/** Any change without the names of what it is made on; `backend/server` is given apart. */
type ChangeOf<Kind extends HaproxyChange["kind"]> = Omit<
  Extract<HaproxyChange, { readonly kind: Kind }>,
  "haproxy" | "backend" | "server"
>;
export type BareChange = ChangeOf<"server-state"> | ChangeOf<"server-weight"> | ChangeOf<"shutdown-sessions">;

export function changeOnce(
  writer: HaproxyWriter,
  name: string,
  change: BareChange,
  expectedPid: number | null = null,
  timeoutMs = 3000,
): Promise<HaproxyChangeResult> {
  const [backend = "", server = ""] = name.split("/");
  const whole = { ...change, haproxy: "lb1", backend, server } as HaproxyChange;
  return writer.change(whole, { expectedPid, signal: new AbortController().signal, timeoutMs });
}

export function describeHaproxyWriter(name: string, start: () => Promise<LiveHaproxySubject>): void {
  describe(`HAProxy writer on ${name}`, () => {
    let subject: LiveHaproxySubject;
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject?.stop());
    testChanges(() => subject);
    testRefusals(() => subject);
  });
}

function testChanges(current: () => LiveHaproxySubject): void {
  const read = async (): Promise<HaproxyServer> =>
    findServer(await pollOnce(openReader(current().location)), current().healthyServer);
  const change = (bare: BareChange, expectedPid: number | null = null) =>
    changeOnce(openWriter(current().location), current().healthyServer, bare, expectedPid);
  const own = ({ servers }: HaproxyChangeResult) =>
    servers.find(({ backend, server }) => `${backend}/${server}` === current().healthyServer);

  test("drain, maintenance and ready are read back at once and seen in show stat", async () => {
    const { process } = await pollOnce(openReader(current().location));
    for (const [state, seen, reasons] of [
      ["drain", "drain", ["drain-forced"]],
      ["maint", "maint", ["maint-forced"]],
      ["ready", "up", []],
    ] as const) {
      const result = await change({ kind: "server-state", state }, process?.pid ?? -1);
      expect(result).toMatchObject({ sent: true, pidChanged: false, refusal: null, failure: null, notice: null });
      expect(result.command).toBe(`set server ${current().healthyServer} state ${state}`);
      expect(result.process.pid).toBe(process?.pid);
      expect(own(result)).toMatchObject({ state, adminReasons: reasons });
      expect(await read()).toMatchObject({ state: seen, adminReasons: reasons });
    }
  });

  test("a weight is read back and seen in show stat, and goes back", async () => {
    const { initialWeight } = await read();
    for (const weight of [0, 256, initialWeight ?? 1]) {
      const result = await change({ kind: "server-weight", weight });
      expect(result).toMatchObject({ refusal: null, notice: null });
      expect(own(result)).toMatchObject({ weight, initialWeight });
      // The effective weight, which is what show stat tells, is in effect with the next request.
      await waitFor(`weight ${weight}`, async () => (await read()).weight === weight);
    }
  });

  test("a change asks past another Pid: nothing is sent", async () => {
    const result = await change({ kind: "server-state", state: "drain" }, 1);
    expect(result).toMatchObject({ sent: false, pidChanged: true, servers: [] });
    expect((await read()).state).toBe("up");
  });

  test("several changes at once do not mix", async () => {
    const writer = openWriter(current().location);
    const results = await Promise.all(
      [1, 2, 3, 4, 5].map(() => changeOnce(writer, current().healthyServer, { kind: "server-state", state: "ready" })),
    );
    expect(results.every(({ sent, refusal }) => sent && refusal === null)).toBe(true);
    await writer.close();
  });
}

function testRefusals(current: () => LiveHaproxySubject): void {
  const refusalOf = async (location: HaproxyLocation, name: string) => {
    const result = await changeOnce(openWriter(location), name, { kind: "server-state", state: "drain" });
    expect(result).toMatchObject({ sent: true, notice: null, failure: { kind: "rejected" } });
    expect(result.failure?.message).toContain(result.refusal ?? "?");
    expect(result.failure?.advice).toMatch(/\.$/);
    return result;
  };

  test("an unknown server and an unknown backend are refused in HAProxy's words", async () => {
    const [backend = ""] = current().healthyServer.split("/");
    const server = await refusalOf(current().location, `${backend}/nope`);
    expect(server.refusal).toBe("No such server.");
    expect(server.servers.length).toBeGreaterThan(0);
    expect(await refusalOf(current().location, "nope/nope")).toMatchObject({
      refusal: "No such backend.",
      servers: [],
    });
  });

  test("sessions of an unknown server cannot be shut down", async () => {
    const [backend = ""] = current().healthyServer.split("/");
    const result = await changeOnce(openWriter(current().location), `${backend}/nope`, { kind: "shutdown-sessions" });
    expect(result).toMatchObject({ refusal: "No such server.", failure: { kind: "rejected" } });
  });

  test("a socket with less power than admin refuses every change, and says which power is needed", async () => {
    for (const { location } of current().lowerLevels) {
      for (const change of [
        { kind: "server-state", state: "drain" },
        { kind: "server-weight", weight: 1 },
        { kind: "shutdown-sessions" },
      ] as const) {
        const result = await changeOnce(openWriter(location), current().healthyServer, change);
        expect(result).toMatchObject({ refusal: expect.stringMatching(/^Permission denied/) });
        expect(result.failure).toMatchObject({ kind: "rejected", advice: expect.stringContaining("level admin") });
      }
    }
    const report = await pollOnce(openReader(current().location));
    expect(findServer(report, current().healthyServer)).toMatchObject({ state: "up", adminReasons: [] });
  });
}
