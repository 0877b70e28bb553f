import { describe, expect, it } from "vitest";
import { selectAddress } from "../../../../src/operations/promotion/address.ts";
import { buildView } from "../../../../src/operations/view.ts";
import { buildChannel, buildNodeSettings, buildR1, type Scene } from "../../../support/model-builders.ts";

const addressOf = (scene: Scene, node: string) => selectAddress(buildView(scene.snapshot()), scene.settings, node);

/** db2, which nobody follows, as the configuration has it. */
function withDb2(host: string, ssh: string | null): Scene {
  const scene = buildR1();
  const nodes = scene.settings.nodes.filter(({ name }) => name !== "db2");
  scene.configure({ nodes: [...nodes, { ...buildNodeSettings("db2", host), ssh, servers: ["read_nodes/db2"] }] });
  return scene;
}

describe("the address that replicas are sent to", () => {
  it("is the one by which others follow the node already", () => {
    expect(addressOf(buildR1(), "db1")).toEqual({ host: "10.0.0.11", port: 3306 });
  });

  it("is the configured one where nobody follows it", () => {
    expect(addressOf(withDb2("10.9.9.9", "ops@bastion"), "db2")).toEqual({ host: "10.9.9.9", port: 3306 });
    expect(addressOf(withDb2("127.0.0.1", null), "db2")).toEqual({ host: "127.0.0.1", port: 3306 });
    expect(addressOf(withDb2("127.0.0.1", "ops@localhost:2222"), "db2")).toEqual({ host: "127.0.0.1", port: 3306 });
  });

  it("is the configured loopback where replicas on the same machine name their sources so", () => {
    const scene = withDb2("127.0.0.1", "ops@db2.example.com");
    scene.node("db4", { channels: [buildChannel("127.0.0.1:3307", {})] });
    expect(addressOf(scene, "db2")).toEqual({ host: "127.0.0.1", port: 3306 });
  });

  it("is never the loopback of another machine: HAProxy knows the node by another name, or its SSH host is it", () => {
    const scene = withDb2("127.0.0.1", "ops@db2.example.com:2222");
    expect(addressOf(scene, "db2")).toEqual({ host: "10.0.0.12", port: 3306 });
    scene.server("lb1", "read_nodes/db2", { host: "127.0.0.1" }).server("lb1", "write_nodes/db2", { host: null });
    expect(addressOf(scene, "db2")).toEqual({ host: "db2.example.com", port: 3306 });
  });
});
