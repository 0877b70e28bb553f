import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { refuseAllWriters } from "../../../src/drivers/refuse-writers.ts";
import { realWriters } from "../../../src/drivers/writers.ts";
import { startFakeServer } from "./mysql/fake-server.ts";

const bounds = { signal: new AbortController().signal, timeoutMs: 1000 };
const refused = { kind: "rejected", message: expect.stringContaining("read-only") };

test("writers of a program started read-only refuse every call and open no connection", async () => {
  const server = await startFakeServer(() => undefined);
  const { port } = server;
  const tls = { mode: "off", caFile: null, certFile: null, keyFile: null } as const;
  const access = { user: "ops", password: null, tls, connectTimeoutMs: 100 };
  const haproxy = refuseAllWriters.openHaproxy({ name: "lb1", location: { kind: "tcp", host: "127.0.0.1", port } });
  const mysql = refuseAllWriters.openMysql({ name: "db1", host: "127.0.0.1", port, access, heartbeatTable: null });
  const where = { haproxy: "lb1", backend: "b", server: "s" };
  const pid = { ...bounds, expectedPid: null };
  await expect(haproxy.change({ kind: "server-state", ...where, state: "drain" }, pid)).rejects.toMatchObject(refused);
  await expect(haproxy.change({ kind: "server-weight", ...where, weight: 1 }, pid)).rejects.toMatchObject(refused);
  await expect(haproxy.change({ kind: "shutdown-sessions", ...where }, pid)).rejects.toMatchObject(refused);
  const node = "db1";
  for (const change of [
    { kind: "replication", node, action: "stop", thread: "both", channel: "" },
    { kind: "read-only", node, on: false, superToo: true },
    { kind: "kill-session", node, sessionId: 5 },
  ] as const) {
    await expect(mysql.execute(change, bounds)).rejects.toMatchObject(refused);
  }
  await expect(mysql.getLock("signalbox:x", 0, bounds)).rejects.toMatchObject(refused);
  await expect(mysql.releaseLock("signalbox:x", bounds)).rejects.toMatchObject(refused);
  await expect(mysql.lockHolder("signalbox:x", bounds)).rejects.toMatchObject(refused);
  let runs = 0;
  const host = refuseAllWriters.openHost("lb1", async () => {
    runs += 1;
    return { exitCode: 0, stdout: "", stderr: "" };
  });
  const means = { by: "keepalived", file: "/etc/keepalived/hold", value: 1 } as const;
  const move = { kind: "move-address", host: "lb1", address: "10.10.10.1", from: "lb1", to: "lb2", means } as const;
  await expect(host.change(move, bounds)).rejects.toMatchObject(refused);
  expect(runs).toBe(0);
  await Promise.all([haproxy.close(), mysql.close(), host.close()]);
  expect(server.accepted()).toBe(0);
  await server.close();
});

test("they have every method that real writers have", () => {
  const settings = { name: "lb1", location: { kind: "unix", path: "/x" } } as const;
  const tls = { mode: "off", caFile: null, certFile: null, keyFile: null } as const;
  const access = { user: "ops", password: null, tls, connectTimeoutMs: 100 };
  const node = { name: "db1", host: "127.0.0.1", port: 1, access, heartbeatTable: null };
  expect(Object.keys(refuseAllWriters.openHaproxy(settings)).sort()).toEqual(
    Object.keys(realWriters.openHaproxy(settings)).sort(),
  );
  const run = () => Promise.reject(new Error("not run"));
  expect(Object.keys(refuseAllWriters.openHost("lb1", run)).sort()).toEqual(
    Object.keys(realWriters.openHost("lb1", run)).sort(),
  );
  expect(Object.keys(refuseAllWriters.openMysql(node)).sort()).toEqual(Object.keys(realWriters.openMysql(node)).sort());
});

/** Modules that are loaded with this one: imports of types alone load nothing. */
function loadedWith(file: URL, seen = new Set<string>()): ReadonlySet<string> {
  const path = fileURLToPath(file);
  if (seen.has(path)) return seen;
  seen.add(path);
  const imports = readFileSync(path, "utf8").matchAll(/^import (?!type )[^;]*?from "(\.[^"]+)";$/gms);
  for (const [, specifier = ""] of imports) loadedWith(new URL(specifier, file), seen);
  return seen;
}

test("nothing that can build or send a change is loaded with them", () => {
  const source = (name: string) => new URL(`../../../src/drivers/${name}`, import.meta.url);
  const isChanging = (path: string) =>
    /src\/drivers\/.*(writer|writing-link|writing-session|change-|move-argv|command)[^/]*\.ts$/.test(path);
  const refusing = [...loadedWith(source("refuse-writers.ts"))].filter((path) => !path.endsWith("refuse-writers.ts"));
  expect(refusing.length).toBeGreaterThan(0);
  expect(refusing.filter(isChanging)).toEqual([]);
  expect([...loadedWith(source("writers.ts"))].filter(isChanging).length).toBeGreaterThan(5);
  for (const reader of ["haproxy/reader.ts", "mysql/reader.ts", "host/reader.ts", "host/move-reader.ts"]) {
    expect([...loadedWith(source(reader))].filter(isChanging)).toEqual([]);
  }
});
