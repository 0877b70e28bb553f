/** What twenty thousand polls through SSH leave behind: channels in sshd, files and memory here. Counted, not timed. */
import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createHaproxyReader } from "../src/drivers/haproxy/reader.ts";
import { type RealHaproxy, startRealHaproxy } from "../test/contract/haproxy-reader-process.ts";
import { type SshPlace, startSshPlace } from "../test/contract/support/ssh-place.ts";
import { engineState } from "../test/lab/index.ts";
import { waitFor } from "../test/lab/wait.ts";
import type { Result } from "./measure.ts";

const POLLS = 10_000;
const bounds = () => ({ signal: new AbortController().signal, timeoutMs: 5_000 });

type Open = () => ReturnType<typeof createHaproxyReader>;

/** Of what is really in use. */
function heapMib(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed / 1_048_576;
}

const countFiles = () => readdirSync("/proc/self/fd").length;

async function pollOverOne(open: Open): Promise<void> {
  const reader = open();
  for (let poll = 0; poll < POLLS; poll += 1) await reader.poll(bounds());
  await reader.close();
}

async function pollOverMany(open: Open): Promise<void> {
  for (let poll = 0; poll < POLLS; poll += 1) {
    const reader = open();
    await reader.poll(bounds());
    await reader.close();
  }
}

/** Waits until what is still closing is closed; what never closes is the result. */
async function countLeft(count: () => number, before: number): Promise<number> {
  await waitFor("what is closing to be closed", () => count() <= before, { timeoutMs: 3_000 }).catch(() => undefined);
  return count() - before;
}

async function count(place: SshPlace, haproxy: RealHaproxy): Promise<Result[]> {
  const { location } = haproxy;
  const path = location.kind === "unix" ? location.path : "";
  const transport = place.open();
  const open: Open = () =>
    createHaproxyReader(
      { name: "lb1", location: { kind: "ssh", ...place.direct, path } },
      { openStream: (signal) => transport.open(place.direct, { kind: "unix", path }, "lb1", signal) },
    );
  const warm = open();
  await warm.poll(bounds());
  await warm.close();
  const results: Result[] = [];
  const mibBefore = heapMib();
  for (const [how, run] of [
    ["one channel", pollOverOne],
    ["a channel each", pollOverMany],
  ] as const) {
    const [sockets, files] = [place.jump.sockets(), countFiles()];
    await run(open);
    results.push(
      {
        name: `channels left in sshd by 10,000 polls over ${how}`,
        value: await countLeft(() => place.jump.sockets(), sockets),
        unit: "",
        budget: 0,
      },
      {
        name: `files left open here by 10,000 polls over ${how}`,
        value: await countLeft(countFiles, files),
        unit: "",
        budget: 0,
      },
    );
  }
  results.push(
    { name: "SSH sessions after 20,000 polls", value: place.jump.sessions().length, unit: "", budget: 2 },
    { name: "memory kept after 20,000 polls", value: heapMib() - mibBefore, unit: "MiB", budget: 4 },
  );
  return results;
}

export async function measureSshLeaks(): Promise<Result[]> {
  for (const engine of ["openssh", "haproxy-2.6"] as const) {
    const { available, reason } = engineState(engine);
    if (available) continue;
    process.stderr.write(`bench ssh-leaks left out: ${reason}\n`);
    return [];
  }
  const [place, haproxy] = await Promise.all([startSshPlace(), startRealHaproxy("haproxy-2.6")]);
  try {
    return await count(place, haproxy);
  } finally {
    await Promise.all([place.stop(), haproxy.stop()]);
  }
}
