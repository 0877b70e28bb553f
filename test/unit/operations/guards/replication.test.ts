import { describe, expect, it } from "vitest";
import type { AttachedReplica } from "../../../../src/model/mysql.ts";
import { buildR1, buildR2 } from "../../../support/model-builders.ts";
import { type Ask, listVerdicts, selectFindings } from "./verdicts.ts";

const STOP: Ask = { command: "replica-stop", targets: ["db2"] };
const attached = (...hosts: readonly string[]) =>
  hosts.map((host): AttachedReplica => ({ serverId: null, uuid: null, host, port: null, seenIn: "processlist" }));

describe("Stopping the replication of a node that others read from", () => {
  it("warns of those that are none of ours", () => {
    const scene = buildR1().state("lb1", "read_nodes/db2", "drain");
    scene.node("db2", { attachedReplicas: attached("10.0.0.99") });
    const [found, ...more] = selectFindings(scene, STOP);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ guard: "relay-stop", verdict: "warn" });
    expect(found?.message).toContain("1 session reads the binary log of db2, and 0 of its replicas are known here");
  });

  it("says nothing more where all are known", () => {
    const scene = buildR2().state("lb1", "read_nodes/db2", "drain");
    scene.node("db2", { attachedReplicas: attached("10.0.0.13", "10.0.0.14") });
    expect(listVerdicts(scene, STOP)).toEqual(["relay-stop block force"]);
  });

  it("warns where the node does not tell", () => {
    const scene = buildR1().state("lb1", "read_nodes/db2", "drain").node("db2", { attachedReplicas: null });
    expect(listVerdicts(scene, STOP)).toEqual(["relay-stop warn"]);
  });
});
