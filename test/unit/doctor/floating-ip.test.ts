import { expect, it } from "vitest";
import type { HostReport } from "../../../src/model/floating-ip.ts";
import {
  buildInstance,
  buildTrackFile,
  heartbeatOn,
  keepalivedOn,
  NO_TOOLS,
  STANDBY,
} from "../operations/floating-ip/hosts.ts";
import { Patient } from "./facts.ts";

function findings(patch: Partial<HostReport>, readOnly = false) {
  const patient = new Patient();
  const report = { held: [], machine: "m1", tools: null, ...patch };
  patient.patch = { ...patient.patch, addressHosts: new Map([["lb1", report]]), readOnly };
  return patient.findings().filter(({ code }) => code === "address-cannot-move");
}

const keepalived = (patch: Parameters<typeof buildInstance>[1]) => keepalivedOn("lb1", buildInstance(110, patch));

it.each([
  ["root", heartbeatOn("lb1", "root")],
  ["a rule of sudo", heartbeatOn("lb1", "sudo")],
  ["a track_file that can be written", keepalived({})],
  ["what could not be told", { tools: null }],
])("finds nothing with %s", (_name, patch) => {
  expect(findings(patch)).toEqual([]);
});

it.each([
  [
    "no right to run hb_standby",
    heartbeatOn("lb1", "none"),
    "warning",
    `NOPASSWD: ${STANDBY} local, ${STANDBY} foreign`,
  ],
  ["no right that is known", heartbeatOn("lb1", null), "warning", "visudo on lb1"],
  ["no track_file", keepalived({ trackFiles: [] }), "warning", "docs/floating-ip.md"],
  [
    "one of weight 0 only",
    keepalived({ trackFiles: [buildTrackFile({ weight: 0 })] }),
    "warning",
    "docs/floating-ip.md",
  ],
  [
    "one that cannot be written",
    keepalived({ trackFiles: [buildTrackFile({ writable: false })] }),
    "warning",
    "chmod 664",
  ],
  ["a sync group", keepalived({ syncGroup: "G" }), "warning", "out of the group"],
  ["Pacemaker", { ...heartbeatOn("lb1"), tools: { ...NO_TOOLS, pacemaker: true } }, "info", "clear the constraint"],
  ["nothing that is recognised", { ...heartbeatOn("lb1"), tools: NO_TOOLS }, "info", "whatever moves it"],
] as const)("says what to do about %s", (_name, patch, severity, fix) => {
  expect(findings(patch)).toEqual([
    expect.objectContaining({ severity, subject: "lb1", breaks: ["move-ip"], fix: expect.stringContaining(fix) }),
  ]);
});

it("finds nothing for a program that was started read-only", () => {
  expect(findings(heartbeatOn("lb1", "none"), true)).toEqual([]);
});
