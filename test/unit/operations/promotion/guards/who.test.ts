import { describe, expect, it } from "vitest";
import {
  buildChannel,
  buildR1,
  buildR2,
  buildReport,
  failed,
  type Scene,
  uuidOf,
} from "../../../../support/model-builders.ts";
import { onNode } from "../support/preflight.ts";
import { FAILOVER, listVerdicts, type Situation, withDeadPrimary, wordsOf } from "./ask.ts";

describe("Guards of who is who", () => {
  it.each<[string, Scene, Situation, string, RegExp]>([
    [
      "two nodes with one server_id",
      buildR1().node("db4", { serverId: 3 }),
      {},
      "identity block",
      /db3 and db4 have the same server_id 3\./,
    ],
    [
      "two nodes with one server_uuid",
      buildR1("mysql").node("db4", { serverUuid: uuidOf(3).toUpperCase() }),
      { promotion: { variant: "mysql-gtid" } },
      "identity block",
      /db3 and db4 have the same server_uuid 0{8}-.*3\./,
    ],
    [
      "another server behind the address of the primary",
      buildR1().channel("db3", { sourceServerId: 77 }),
      {},
      "identity block",
      /db3 follows 10\.0\.0\.11:3306 as server_id 77, and db1 answers with 1/,
    ],
    [
      "no server_id told",
      buildR1().node("db2", { serverId: null }),
      {},
      "identity unknown",
      /db2 does not tell its server_id/,
    ],
    [
      "another port than asked",
      buildR1().node("db2", { port: 6033 }),
      {},
      "identity warn",
      /says that its port is 6033/,
    ],
    ["Galera", buildR1().node("db3", { galera: true }), {}, "cluster-kind block", /db3 belongs to Galera/],
    [
      "Group Replication",
      buildR1().node("db2", { groupReplication: true }),
      {},
      "cluster-kind block",
      /Group Replication/,
    ],
    [
      "Aurora",
      buildR1(),
      { preflight: (facts) => onNode(facts, "db1", { refusedKinds: ["Aurora (aurora_version 3.04)"] }) },
      "cluster-kind block",
      /db1 belongs to Aurora \(aurora_version 3\.04\)/,
    ],
    [
      "kind not told",
      buildR1().node("db2", { galera: null }),
      { preflight: (facts) => onNode(facts, "db2", { refusedKinds: null }) },
      "cluster-kind unknown",
      /could not be read/,
    ],
    [
      "a silent candidate",
      buildR1().kill("db2"),
      {},
      "nodes-answer unknown",
      /db2 does not answer \(connection refused\)/,
    ],
    ["a silent sibling", buildR1().kill("db4"), {}, "nodes-answer unknown force", /--force leaves db4 behind/],
    [
      "a second-tier candidate",
      buildR2(),
      { promotion: { to: "db3" } },
      "topology block",
      /db3 follows db2 and not db1/,
    ],
    [
      "a candidate that follows nobody",
      buildR1().node("db2", { channels: [] }),
      {},
      "topology block",
      /db2 follows nobody and not db1/,
    ],
    [
      "two channels to the primary",
      buildR1().node("db2", {
        channels: [buildChannel("10.0.0.11:3306"), buildChannel("10.0.0.11:3306", { name: "b" })],
      }),
      {},
      "topology block",
      /over 2 channels/,
    ],
    [
      "channels that could not be read",
      buildR1().node("db2", { channels: null }),
      {},
      "topology unknown",
      /could not be read/,
    ],
    ["no primary", buildR1(), { promotion: { from: null } }, "topology block", /No primary is known/],
    [
      "writes that go elsewhere",
      buildR1().state("lb1", "write_nodes/db1", "maint"),
      { promotion: { to: "db4" } },
      "topology block",
      /write_nodes sends writes to db2, and the primary by replication is db1/,
    ],
    [
      "a primary that follows somebody else",
      buildR1().node("db1", { channels: [buildChannel("10.9.9.9:3306", { name: "dc2" })] }),
      {},
      "upstream block",
      /db1 itself follows 10\.9\.9\.9:3306 \(channel dc2\)/,
    ],
    [
      "an unknown client of the binary log",
      buildR1().node("db1", {
        attachedReplicas: [
          { serverId: 2, uuid: null, host: "10.0.0.12", port: null, seenIn: "processlist" },
          { serverId: 900, uuid: null, host: "10.0.0.99", port: 3306, seenIn: "both" },
        ],
      }),
      {},
      "left-behind warn",
      /server_id 900 at 10\.0\.0\.99:3306 reads the binary log of db1/,
    ],
    [
      "clients not told",
      buildR1().node("db1", { attachedReplicas: null }),
      {},
      "left-behind unknown force",
      /could not be read/,
    ],
  ])("speak of %s", (_, scene, situation, verdict, words) => {
    expect(listVerdicts(scene, situation)).toContain(verdict);
    expect(wordsOf(verdict.split(" ")[0] ?? "", scene, situation)).toMatch(words);
  });

  it("let HAProxy have gone on to the candidate, which is read-only still", () => {
    const restarted = buildR1().state("lb1", "write_nodes/db1", "down");
    expect(listVerdicts(restarted)).toEqual(["topology warn"]);
    expect(wordsOf("topology", restarted)).toMatch(
      /write_nodes sends writes to db2 already, and the primary by replication is db1/,
    );
  });

  it("let the primary carry its other source over", () => {
    const scene = buildR1().node("db1", { channels: [buildChannel("10.9.9.9:3306")] });
    const carried: Situation = {
      steps: (steps) => [
        ...steps,
        {
          kind: "change-source",
          node: "db2",
          channel: "up",
          host: "10.9.9.9",
          port: 3306,
          follow: "gtid-pos",
          position: null,
          login: { kind: "configured" },
        },
      ],
    };
    expect(wordsOf("upstream", scene, carried)).toBe("");
  });

  it("do not ask the dead primary of a failover to answer, and the others still", () => {
    expect(listVerdicts(withDeadPrimary(buildR1()), FAILOVER)).toEqual([]);
    expect(listVerdicts(withDeadPrimary(buildR1()).readNode("db4", failed()), FAILOVER)).toEqual([
      "nodes-answer unknown force",
    ]);
  });

  it("count dump threads that tell only their host against the replicas that are known", () => {
    const client = { serverId: null, uuid: null, host: "10.0.0.13", port: null, seenIn: "processlist" } as const;
    expect(wordsOf("left-behind", buildR1().node("db1", { attachedReplicas: [client, client, client] }))).toBe("");
    expect(
      wordsOf("left-behind", buildR1().node("db1", { attachedReplicas: [client, client, client, client] })),
    ).toMatch(/a client without server_id/);
  });

  it("see a node that was added to the cluster as a known client", () => {
    const scene = buildR1().addNode(
      "db9",
      "10.0.0.19:3306",
      buildReport(9, { channels: [buildChannel("10.0.0.11:3306")] }),
    );
    scene.node("db1", {
      attachedReplicas: [{ serverId: 9, uuid: null, host: null, port: null, seenIn: "replica-list" }],
    });
    expect(wordsOf("left-behind", scene)).toBe("");
  });
});
