import { describe, expect, it } from "vitest";
import type { AttachedReplica } from "../../../src/model/mysql.ts";
import {
  buildChannel,
  buildR1,
  buildR2,
  buildR3,
  buildR4,
  buildReport,
  failed,
  type Scene,
  uuidOf,
} from "../../support/model-builders.ts";

function tree(scene: Scene): string[] {
  return scene.snapshot().nodes.map((node) => `${node.name} ${node.role} ${node.depth} [${node.replicas.join(" ")}]`);
}

describe("topology", () => {
  it("shows a primary with replicas", () => {
    expect(tree(buildR1())).toEqual([
      "db1 source 0 [db2 db3 db4]",
      "db2 replica 1 []",
      "db3 replica 1 []",
      "db4 replica 1 []",
    ]);
  });

  describe("with a replica that has just been demoted, and threads on it that linger", () => {
    const listed = (id: number) =>
      ({ serverId: id, uuid: null, host: "10.0.0.1", port: null, seenIn: "both" }) as const;
    /** db2 is the primary now; db1 follows it, and so do the others. */
    function demoted(attached: readonly AttachedReplica[]): Scene {
      const scene = buildR1();
      scene.node("db2", { channels: [], readOnly: false });
      for (const id of [3, 4]) scene.channel(`db${id}`, { sourceHost: "10.0.0.12", sourceServerId: 2 });
      scene.node("db1", {
        channels: [buildChannel("10.0.0.12:3306", { sourceServerId: 2 })],
        readOnly: true,
        attachedReplicas: attached,
      });
      return scene;
    }
    const roleOf = (scene: Scene) => scene.snapshot().nodes.find(({ name }) => name === "db1")?.role;

    it("does not call it a relay for nodes that say that they follow somebody else, or nobody", () => {
      expect(roleOf(demoted([listed(2), listed(3), listed(4)]))).toBe("replica");
      expect(roleOf(demoted([{ ...listed(99), uuid: uuidOf(3) }]))).toBe("relay");
    });

    it.each([
      ["is none of ours", () => demoted([listed(77)])],
      ["is not told", () => demoted([{ ...listed(3), serverId: null }])],
      ["is silent", () => demoted([listed(3)]).kill("db3")],
      ["does not tell whom it follows", () => demoted([listed(3)]).node("db3", { channels: null })],
      [
        "follows a host nobody knows",
        () => demoted([listed(3)]).channel("db3", { sourceHost: "x", sourceServerId: 0 }),
      ],
      ["has the id of another node too", () => demoted([listed(3)]).node("db4", { serverId: 3 })],
    ])("calls it a relay where the one attached %s", (_, build) => {
      expect(roleOf(build())).toBe("relay");
    });
  });

  it("shows a relay and the tier below it", () => {
    expect(tree(buildR2())).toEqual([
      "db1 source 0 [db2]",
      "db2 relay 1 [db3 db4]",
      "db3 replica 2 []",
      "db4 replica 2 []",
    ]);
  });

  describe("in one look at a cluster of which a part has never been heard", () => {
    const rolesOf = (scene: Scene) => scene.snapshot().nodes.map(({ role }) => role);
    const connecting = { io: "connecting" } as const;
    const inR3 = (silent: string, other: string) =>
      buildR3().readNode(silent, failed()).state("lb1", `mysql/${silent}`, "down").channel(other, connecting);

    it("calls the writable node that gets the writes the source, whether the other side of its pair is the active or the backup", () => {
      expect(rolesOf(inR3("db1", "db2"))).toEqual(["unknown", "source"]);
      expect(rolesOf(inR3("db2", "db1"))).toEqual(["source", "unknown"]);
      expect(rolesOf(inR3("db1", "db2").node("db2", { readOnly: true }))).toEqual(["unknown", "replica"]);
      // Somebody still feeds it, as far as it tells.
      expect(rolesOf(inR3("db1", "db2").channel("db2", { io: "yes" }))).toEqual(["unknown", "replica"]);
    });

    it("knows a pair by the thread of the one that it follows", () => {
      const thread = { serverId: 1, uuid: null, host: "10.0.0.11", port: 3306, seenIn: "both" } as const;
      const hung = buildR3().readNode("db1", failed()).channel("db2", { sourceServerId: 1 });
      expect(rolesOf(hung.node("db2", { attachedReplicas: [thread] }))).toEqual(["unknown", "replica"]);
      expect(rolesOf(hung.node("db2", { attachedReplicas: [thread, { ...thread, serverId: 9 }] }))).toEqual([
        "unknown",
        "relay",
      ]);
      expect(rolesOf(hung.node("db2", { attachedReplicas: [thread] }).state("lb1", "mysql/db1", "down"))).toEqual([
        "unknown",
        "source",
      ]);
    });

    it("does not call the writer standalone while somebody may follow it", () => {
      const tier = (...silent: string[]) => silent.reduce((scene, name) => scene.readNode(name, failed()), buildR2());
      expect(rolesOf(tier("db2"))).toEqual(["source", "unknown", "replica", "replica"]);
      // It is known of all that they follow somebody else: nobody follows it.
      const alone = buildR2().node("db2", { channels: [] });
      expect(rolesOf(alone)[0]).toBe("standalone");
    });
  });

  it("shows the half of a pair that takes writes as the source", () => {
    expect(tree(buildR3())).toEqual(["db1 source 0 [db2]", "db2 replica 1 [db1]"]);
    const moved = buildR3().state("lb1", "mysql/db1", "maint");
    expect(tree(moved)).toEqual(["db1 replica 1 [db2]", "db2 source 0 [db1]"]);
    expect(tree(buildR4())).toEqual(["db1 source 0 [db2]", "db2 source 1 [db1]"]);
  });

  it("takes a writable member for the source while no HAProxy tells who gets writes", () => {
    const scene = buildR3().node("db1", { readOnly: true });
    scene.haproxies.clear();
    expect(tree(scene)).toEqual(["db1 replica 0 [db2]", "db2 source 1 [db1]"]);
  });

  it("says unknown for a silent node, and keeps it the source of those that follow it", () => {
    expect(tree(buildR1().kill("db1"))[0]).toBe("db1 unknown 0 [db2 db3 db4]");
    expect(tree(buildR1().kill("db3"))).toEqual([
      "db1 source 0 [db2 db3 db4]",
      "db2 replica 1 []",
      "db3 unknown 1 []",
      "db4 replica 1 []",
    ]);
  });

  it("says unknown where replica status could not be read", () => {
    expect(tree(buildR1().node("db3", { channels: null }))[2]).toBe("db3 unknown 0 []");
  });

  it("calls a node with unseen attached replicas a source, and one with nobody standalone", () => {
    const replica = { serverId: 9, uuid: null, host: null, port: null, seenIn: "processlist" } as const;
    const scene = buildR1().node("db4", { channels: [] });
    expect(tree(scene)[3]).toBe("db4 standalone 0 []");
    expect(tree(scene.node("db4", { attachedReplicas: [replica] }))[3]).toBe("db4 source 0 []");
  });

  it("finds a source by uuid, then by server id, when its address is another name", () => {
    const byUuid = buildR1("mysql").channel("db3", { sourceHost: "primary.internal", sourceUuid: uuidOf(1) });
    expect(byUuid.snapshot().nodes[2]?.channels[0]?.sourceNode).toBe("db1");
    const byId = buildR1().channel("db3", { sourceHost: "primary.internal", sourceServerId: 1 });
    expect(byId.snapshot().nodes[2]?.channels[0]?.sourceNode).toBe("db1");
    const doubled = byId.node("db2", { serverId: 1 });
    expect(doubled.snapshot().nodes[2]?.channels[0]?.sourceNode).toBeNull();
  });

  it("reads a loopback source from the side of the replica", () => {
    const scene = buildR1().addNode(
      "db5",
      "10.0.0.11:3307",
      buildReport(5, { channels: [buildChannel("127.0.0.1:3306")] }),
    );
    expect(scene.snapshot().nodes[4]?.channels[0]?.sourceNode).toBe("db1");
  });

  it("counts the depth of a replica of two sources by the deeper one, and ends in a ring", () => {
    const scene = buildR2();
    scene.node("db4", {
      channels: [buildChannel("10.0.0.11:3306", { name: "a" }), buildChannel("10.0.0.13:3306", { name: "b" })],
    });
    expect(scene.snapshot().nodes.map(({ depth }) => depth)).toEqual([0, 1, 2, 3]);
    scene.node("db1", { channels: [buildChannel("10.0.0.13:3306")] });
    expect(scene.snapshot().nodes.map(({ depth }) => depth)).toEqual([0, 1, 2, 3]);
  });
});
