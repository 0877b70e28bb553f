import { describe, expect, it } from "vitest";
import { createNodeFinder, haproxyHost } from "../../../src/model/link.ts";
import { buildNodeSettings, buildR1, buildServer, buildSettings, failed } from "../../support/model-builders.ts";

const nodes = [
  { name: "db1", host: "10.0.0.11", port: 3306 },
  { name: "db2", host: "10.0.0.12", port: 3306, aliases: [{ host: "192.168.1.12", port: 3306 }] },
];
const settings = buildSettings({
  nodes: [{ ...buildNodeSettings("db1", "10.0.0.11"), servers: ["w/primary"] }, buildNodeSettings("db2", "10.0.0.12")],
});
const find = createNodeFinder(settings, nodes);

describe("which server is which node", () => {
  it.each([
    ["the configuration first", buildServer("w/primary", "10.0.0.12:3306"), { node: "db1", linkedBy: "config" }],
    [
      "then the address, whatever the name",
      buildServer("r/db1", "10.0.0.12:3306"),
      { node: "db2", linkedBy: "address" },
    ],
    ["an alias found by the plan", buildServer("r/x", "192.168.1.12:3306"), { node: "db2", linkedBy: "address" }],
    ["then the name where HAProxy tells no address", buildServer("r/DB1", null), { node: "db1", linkedBy: "name" }],
    [
      "the name with a host name for an address",
      buildServer("r/db1", "db1.internal:3306"),
      { node: "db1", linkedBy: "name" },
    ],
    ["nothing when the port says it is another server", buildServer("r/db1", "10.0.0.11:3307"), null],
    ["nothing for a stranger", buildServer("r/db9", "10.0.0.19:3306"), null],
  ])("is told by %s", (_name, server, expected) => {
    expect(find(server, null)).toEqual(expected);
  });

  it("reads a loopback address from the side of the HAProxy that names it", () => {
    expect(find(buildServer("w/local", "127.0.0.1:3306"), "10.0.0.12")).toEqual({ node: "db2", linkedBy: "address" });
    expect(find(buildServer("w/local", "127.0.0.1:3306"), null)).toBeNull();
  });

  it("knows on which host a HAProxy runs from where it is reached", () => {
    expect(haproxyHost({ name: "a", location: { kind: "tcp", host: "10.0.0.5", port: 9999 } })).toBe("10.0.0.5");
    const stats = { kind: "stats", url: "http://10.0.0.6:8080/stats", user: null, password: null } as const;
    expect(haproxyHost({ name: "a", location: stats })).toBe("10.0.0.6");
    expect(haproxyHost({ name: "a", location: { kind: "unix", path: "/x" } })).toBeNull();
  });

  it("keeps the links of a silent HAProxy, marked as past", () => {
    const scene = buildR1();
    scene.haproxy("lb1", { reading: failed(scene.haproxyReport("lb1")) });
    expect(scene.snapshot().nodes[0]?.servers).toMatchObject([{ freshness: "failed", linkedBy: "address" }]);
  });
});
