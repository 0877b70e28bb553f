/** What SSH costs: polls over a kept channel, through one host and two, beside polls of the same socket directly. */
import type { RequestBounds } from "../src/drivers/contract.ts";
import { createHaproxyReader } from "../src/drivers/haproxy/reader.ts";
import { createMysqlReader } from "../src/drivers/mysql/reader.ts";
import type { SshEndpoint } from "../src/drivers/ssh/endpoint.ts";
import { openDrivers } from "../src/engine/drivers.ts";
import { FAR, type SshPlace, startSshPlace } from "../test/contract/support/ssh-place.ts";
import { engineState, type Lab, labAccounts, startLab } from "../test/lab/index.ts";
import { median, type Result } from "./measure.ts";

const ROUNDS = 300;
/** Of local time; the channel is kept, so a poll costs no opening. */
const BUDGET = 1.5;
const bounds = () => ({ signal: new AbortController().signal, timeoutMs: 5_000 });

interface Reader {
  poll(bounds: RequestBounds): Promise<unknown>;
  close(): Promise<void>;
}

async function pollMs(reader: Reader): Promise<number> {
  const startedAt = performance.now();
  await reader.poll(bounds());
  return performance.now() - startedAt;
}

/** In turn, so that whatever else the machine does hits all alike. */
async function measureInTurn(readers: readonly Reader[]): Promise<readonly number[]> {
  const times: number[][] = readers.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, reader] of readers.entries()) times[index]?.push(await pollMs(reader));
  }
  return times.map(median);
}

/** A node over its kept connection, directly and through both hosts. */
async function measureNode(lab: Lab, { settings }: SshPlace): Promise<readonly [direct: number, far: number]> {
  const { host, port } = lab.node("db1");
  const { user, password } = labAccounts.ops;
  const tls = { mode: "off", caFile: null, certFile: null, keyFile: null } as const;
  const access = { user, password: { secret: password }, tls, connectTimeoutMs: 3_000 };
  const node = { name: "db1", host, port, access, heartbeatTable: null };
  const drivers = openDrivers({ ssh: settings });
  const readers = [null, "far"].map((ssh) => createMysqlReader(drivers.reach({ ...node, ssh })));
  try {
    for (const reader of readers) for (let warm = 0; warm < 20; warm += 1) await pollMs(reader);
    const [direct = 0, far = 0] = await measureInTurn(readers);
    return [direct, far];
  } finally {
    for (const reader of readers) await reader.close();
    await drivers.close();
  }
}

export async function measureSsh(): Promise<Result[]> {
  const { available, reason } = engineState("openssh");
  if (!available) {
    process.stderr.write(`bench ssh left out: ${reason}\n`);
    return [];
  }
  const lab = await startLab({ topology: "r1" });
  const place = await startSshPlace();
  try {
    const transport = place.open();
    const path = lab.haproxy().socketPath;
    const through = (endpoint: SshEndpoint) =>
      createHaproxyReader(
        { name: "lb1", location: { kind: "ssh", ...endpoint, path } },
        { openStream: (signal) => transport.open(endpoint, { kind: "unix", path }, "lb1", signal) },
      );
    const readers = [
      createHaproxyReader({ name: "lb1", location: { kind: "unix", path } }),
      through(place.direct),
      through(FAR),
    ];
    for (const reader of readers) for (let warm = 0; warm < 20; warm += 1) await pollMs(reader);
    const [local = 0, one = 0, two = 0] = await measureInTurn(readers);
    for (const reader of readers) await reader.close();
    const [node, far] = await measureNode(lab, place);
    return [
      { name: "poll of a HAProxy, directly", value: local, unit: "ms", budget: null },
      { name: "poll of a HAProxy through SSH", value: one, unit: "ms", budget: null },
      { name: "poll through SSH, of the time of a direct one", value: one / local, unit: "x", budget: BUDGET },
      { name: "poll through two hosts, of the time of a direct one", value: two / local, unit: "x", budget: null },
      { name: "poll of a node through two hosts, of a direct one", value: far / node, unit: "x", budget: null },
    ];
  } finally {
    await place.stop();
    await lab.stop();
  }
}
