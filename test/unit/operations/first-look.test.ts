import { expect, it } from "vitest";
import { firstLookMs } from "../../../src/operations/operations.ts";
import { buildNodeSettings, buildSettings } from "../../support/model-builders.ts";

const LIMITS = { lookMs: 1_500 };
const behind = { ...buildNodeSettings("db1", "10.0.0.11"), ssh: "far" };
const far = { kind: "ssh" as const, user: null, host: "far", port: null, path: "/run/h.sock" };

it("a look for a plan has the time to connect where the way goes through SSH, and no more than other looks elsewhere", () => {
  expect(firstLookMs(buildSettings({ nodes: [buildNodeSettings("db1", "10.0.0.11")] }), LIMITS)).toBe(1_500);
  expect(firstLookMs(buildSettings({ nodes: [behind] }), LIMITS)).toBe(3_000);
  expect(firstLookMs(buildSettings({ haproxies: [{ name: "lb1", location: far }] }), LIMITS)).toBe(3_000);
  const patient = { ...behind, access: { ...behind.access, connectTimeoutMs: 9_000 } };
  expect(firstLookMs(buildSettings({ nodes: [patient] }), LIMITS)).toBe(9_000);
  const hasty = { ...behind.access, connectTimeoutMs: 200 };
  expect(firstLookMs(buildSettings({ nodes: [{ ...behind, access: hasty }], access: hasty }), LIMITS)).toBe(1_500);
});
