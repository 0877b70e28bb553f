import { describe, expect, it } from "vitest";
import type { HaproxyServer } from "../../../src/model/haproxy.ts";
import { isUsable, selectChosen } from "../../../src/model/writer-route.ts";
import {
  buildHaproxyReport,
  buildR1,
  buildR3,
  buildR4,
  buildServer,
  failed,
  fresh,
} from "../../support/model-builders.ts";

const link = (server: HaproxyServer) =>
  ({ haproxy: "lb1", server, node: server.server, linkedBy: "name", freshness: "fresh" }) as const;
const chosen = (...servers: HaproxyServer[]) => selectChosen(servers.map(link)).map(({ node }) => node);
const server = (name: string, patch: Partial<HaproxyServer> = {}) => buildServer(`w/${name}`, null, patch);

describe("who gets new writes", () => {
  it.each([
    ["up", { state: "up" }, true],
    ["never checked", { state: "unchecked" }, true],
    ["of unknown weight", { weight: null }, true],
    ["of weight 0", { weight: 0 }, false],
    ["drained", { state: "drain" }, false],
    ["in maintenance", { state: "maint" }, false],
    ["down", { state: "down" }, false],
    ["stopping", { state: "nolb" }, false],
    ["of a state we do not know", { state: "unknown" }, false],
  ] as const)("a server that is %s: %s", (_name, patch, usable) => {
    expect(isUsable(server("a", patch))).toBe(usable);
  });

  it("are all active servers, else the first usable backup only", () => {
    expect(chosen(server("a"), server("b"), server("c", { backup: true }))).toEqual(["a", "b"]);
    expect(
      chosen(server("a", { state: "down" }), server("b", { backup: true }), server("c", { backup: true })),
    ).toEqual(["b"]);
    const drained = server("b", { backup: true, state: "drain" });
    expect(chosen(server("a", { weight: 0 }), drained, server("c", { backup: true }))).toEqual(["c"]);
    expect(chosen(server("a", { state: "maint" }))).toEqual([]);
  });
});

describe("writer and reader backends", () => {
  it("are found when exactly one backend has backup servers", () => {
    const { writer, readerBackends } = buildR1().snapshot();
    expect(writer).toMatchObject({ backend: "write_nodes", knownFrom: "found", expected: ["db1"], multiWriter: false });
    expect(readerBackends).toEqual(["read_nodes"]);
  });

  it("are not guessed when two backends have backups, or none has", () => {
    const two = buildR1().server("lb1", "read_nodes/db4", { backup: true });
    expect(two.snapshot()).toMatchObject({ writer: null, readerBackends: [] });
    expect(buildR4().configure({ writer: null }).snapshot().writer).toBeNull();
  });

  it("come from the settings when given", () => {
    const scene = buildR1().configure({
      writer: { backend: "read_nodes", address: null, multiWriter: true },
      readers: ["x"],
    });
    const { writer, readerBackends } = scene.snapshot();
    expect(writer).toMatchObject({ backend: "read_nodes", knownFrom: "config", expected: ["db2", "db3", "db4"] });
    expect(readerBackends).toEqual(["x"]);
  });

  it("stay known while the HAProxy is silent, but nobody is expected then", () => {
    const scene = buildR1();
    scene.haproxy("lb1", { reading: failed(scene.haproxyReport("lb1")) });
    expect(scene.snapshot().writer).toMatchObject({ backend: "write_nodes", expected: [] });
  });

  it("names a server without a node by its HAProxy name", () => {
    const scene = buildR3();
    const servers = [
      buildServer("mysql/alien", "10.9.9.9:3306"),
      buildServer("mysql/db2", "10.0.0.12:3306", { backup: true }),
    ];
    scene.haproxy("lb1", { reading: fresh(buildHaproxyReport(servers)) });
    expect(scene.snapshot().writer?.expected).toEqual(["mysql/alien"]);
  });
});
