/** Every driver of MySQL through a real sshd, one host and two: what it answers is what it answers directly. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createMysqlInspector } from "../../src/drivers/mysql/inspector.ts";
import { createMysqlProbes } from "../../src/drivers/mysql/probes/probes.ts";
import { createMysqlReader } from "../../src/drivers/mysql/reader.ts";
import { createMysqlWriter } from "../../src/drivers/mysql/writer.ts";
import { type NodeBehind, openDrivers, type RealDrivers } from "../../src/engine/drivers.ts";
import type { TlsMode } from "../../src/model/settings.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { defaultHaproxyFor, type ServerEngineName } from "../lab/engines.ts";
import { type Lab, type LabNode, labAccounts, startLab, waitFor } from "../lab/index.ts";
import { type SshPlace, startSshPlace } from "./support/ssh-place.ts";

const ENGINES: readonly ServerEngineName[] = ["mariadb-10.11", "mysql-9.7"];
const bounds = (timeoutMs = 5_000) => ({ signal: new AbortController().signal, timeoutMs });

for (const engine of ENGINES) {
  describeEngine(["openssh", engine, defaultHaproxyFor(engine)], `${engine} through a real sshd`, () => {
    let lab: Lab;
    let place: SshPlace;
    beforeAll(async () => {
      [lab, place] = await Promise.all([startLab({ topology: "single", engine }), startSshPlace()]);
    });
    afterAll(async () => {
      await Promise.all([lab?.stop(), place?.stop()]);
    });
    const at = () => ({ node: lab.nodes[0] as LabNode, place });
    for (const way of ["one host", "two hosts"] as const) {
      describe(`behind ${way}`, () => testNode(at, way, engine === "mysql-9.7" ? "required" : "off"));
    }
  });
}

function testNode(
  at: () => { readonly node: LabNode; readonly place: SshPlace },
  way: "one host" | "two hosts",
  mode: TlsMode,
): void {
  let drivers: RealDrivers;
  beforeAll(() => {
    drivers = openDrivers({ ssh: at().place.settings });
  });
  afterAll(() => drivers.close());
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  const keep = <T extends { close(): Promise<void> }>(driver: T): T => {
    closing.push(() => driver.close());
    return driver;
  };

  const behind = (port = at().node.port): NodeBehind => {
    const tls = { mode, caFile: null, certFile: null, keyFile: null } as const;
    const { user, password } = labAccounts.ops;
    const access = { user, password: { secret: password }, tls, connectTimeoutMs: 3_000 };
    const ssh = way === "one host" ? at().place.jump.target : "far";
    return { name: "db1", host: "127.0.0.1", port, access, heartbeatTable: null, ssh };
  };
  const probes = (port?: number) =>
    createMysqlProbes({
      cluster: { writer: null, access: behind().access },
      nodeTarget: () => drivers.reach(behind(port)),
    });

  test("it is read, changed and inspected", async () => {
    const target = drivers.reach(behind());
    const reader = keep(createMysqlReader(target));
    const report = await reader.poll(bounds());
    expect(report.serverId).toBe(1);
    expect(report.problems).toEqual([]);
    const writer = keep(createMysqlWriter(target));
    const on = { kind: "read-only", node: "db1", on: true, superToo: false } as const;
    expect((await writer.execute(on, bounds())).seen.readOnly?.on).toBe(true);
    expect((await reader.poll(bounds())).readOnly).toBe(true);
    await writer.execute({ ...on, on: false }, bounds());
    expect((await writer.getLock("signalbox-test", 0, bounds())).granted).toBe(true);
    expect((await keep(createMysqlInspector(target)).preflight(bounds())).settings).toBeDefined();
  });

  test("sessions are listed, and what is closed leaves nothing open in sshd", async () => {
    const sshd = way === "one host" ? at().place.jump : at().place.far;
    const reader = createMysqlReader(drivers.reach(behind()));
    await reader.poll(bounds());
    const before = sshd.sockets();
    for (let round = 0; round < 10; round += 1) {
      const other = createMysqlReader(drivers.reach(behind()));
      await other.poll(bounds());
      await other.close();
    }
    expect(Array.isArray(await reader.sessions(bounds()))).toBe(true);
    await reader.close();
    await waitFor("every channel to be closed", () => sshd.sockets() < before);
  });

  test("a port where nobody listens is told as such, and is dead; a way that is broken proves nothing", async () => {
    const reader = keep(createMysqlReader(drivers.reach(behind(1))));
    await expect(reader.poll(bounds())).rejects.toMatchObject({ kind: "unreachable", serverCode: "ECONNREFUSED" });
    const { signal } = new AbortController();
    expect(await probes().death("db1", signal)).toMatchObject({ verdict: "alive" });
    const [dead, unknown] = await Promise.all([
      probes(1).death("db1", signal),
      createMysqlProbes({
        cluster: { writer: null, access: behind().access },
        nodeTarget: () => drivers.reach({ ...behind(), ssh: "127.0.0.1:1" }),
      }).death("db1", signal),
    ]);
    expect(dead).toMatchObject({ verdict: "dead" });
    expect(unknown).toMatchObject({ verdict: "unknown" });
  });

  test("a session that is killed ends the poll, and the next one connects again", async () => {
    const reader = keep(createMysqlReader(drivers.reach(behind())));
    await reader.poll(bounds());
    for (const sshd of [at().place.jump, at().place.far]) sshd.killSessions();
    const error = await waitFor("an error or an answer over a new session", () =>
      reader.poll(bounds()).then(
        () => ({ kind: "none" }),
        (thrown: { kind: string }) => thrown,
      ),
    );
    expect(error).toSatisfy(({ kind }) => kind === "none" || kind === "unreachable");
    await waitFor("an answer", () => reader.poll(bounds()).catch(() => undefined));
  });

  test("a frozen sshd ends a poll at its deadline", async () => {
    const reader = keep(createMysqlReader(drivers.reach(behind())));
    await reader.poll(bounds());
    at().place.jump.freeze();
    const startedAt = performance.now();
    await expect(reader.poll(bounds(400))).rejects.toMatchObject({ kind: "timeout" });
    expect(performance.now() - startedAt).toBeLessThan(700);
    at().place.jump.thaw();
    await waitFor("an answer", () => reader.poll(bounds()).catch(() => undefined));
  });
}
