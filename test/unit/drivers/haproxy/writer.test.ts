import type { Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { HaproxyChange } from "../../../../src/drivers/contract.ts";
import { createHaproxyWriter } from "../../../../src/drivers/haproxy/writer.ts";
import { type FakeSocket, startFakeSocket } from "./fake-socket.ts";
import { readRecording, replay } from "./recordings.ts";

const PID = 4711;
const CHANGE: HaproxyChange = {
  kind: "server-state",
  haproxy: "lb1",
  backend: "read_nodes",
  server: "db2",
  state: "drain",
};
const COMMAND = "set server read_nodes/db2 state drain";
const LINE = `show info;${COMMAND};show servers state read_nodes`;

let fake: FakeSocket | null = null;

afterEach(async () => {
  await fake?.stop();
  fake = null;
});

interface Scene {
  readonly version?: string;
  /** Pid that answers connection number 0, 1, 2… */
  readonly pidOf?: (turn: number) => number;
  readonly stopping?: (turn: number) => boolean;
  /** Reply to the change. */
  readonly reply?: string;
  /** Takes over the connection on which the change comes. */
  readonly onChange?: (answer: string, socket: Socket) => void;
}

async function startWith(scene: Scene) {
  let turn = -1;
  fake = await startFakeSocket((line, socket) => {
    turn += 1;
    const version = scene.version ?? "2.6.12";
    const info = replay(version, "show info")
      .replace(/^Pid: .*$/m, `Pid: ${scene.pidOf?.(turn) ?? PID}`)
      .replace(/^Stopping: .*$/m, `Stopping: ${scene.stopping?.(turn) === true ? 1 : 0}`);
    if (line === "show info") return void socket.end(info);
    const table = line.endsWith("show stat") ? "show-stat.csv" : "show-servers-state.txt";
    const answer = info + (scene.reply ?? "\n") + readRecording(version, table);
    if (scene.onChange === undefined) socket.end(answer);
    else scene.onChange(answer, socket);
  });
  const writer = createHaproxyWriter({ name: "lb1", location: { kind: "unix", path: fake.path } });
  const change = (options: { expectedPid?: number | null; timeoutMs?: number; signal?: AbortSignal } = {}) =>
    writer.change(CHANGE, {
      expectedPid: options.expectedPid === undefined ? PID : options.expectedPid,
      signal: options.signal ?? new AbortController().signal,
      timeoutMs: options.timeoutMs ?? 2000,
    });
  return { writer, change, lines: fake.lines };
}

describe("a change", () => {
  test("looks who answers, then goes out as one line and is read back", async () => {
    const { change, lines } = await startWith({});
    const result = await change();
    expect(lines).toEqual(["show info", LINE]);
    expect(result).toMatchObject({ command: COMMAND, sent: true, pidChanged: false, refusal: null, failure: null });
    expect(result).toMatchObject({ notice: null, process: { pid: PID } });
    expect(result.servers).toHaveLength(5);
    expect(result.servers[0]).toEqual({
      backend: "read_nodes",
      server: "db2",
      state: "drain",
      adminReasons: ["drain-forced"],
      weight: 50,
      initialWeight: 50,
    });
    await vi.waitFor(() => expect(fake?.openConnections()).toBe(0), { timeout: 10_000 });
  });

  test("is not sent to another process than the expected one", async () => {
    const { change, lines } = await startWith({ pidOf: () => 9 });
    expect(await change()).toMatchObject({ sent: false, pidChanged: true, process: { pid: 9 }, servers: [] });
    expect(lines).toEqual(["show info"]);
  });

  test("tells when the process was replaced between the question and the change, expected or not", async () => {
    for (const expectedPid of [PID, null]) {
      const { change } = await startWith({ pidOf: (turn) => (turn === 0 ? PID : 9) });
      expect(await change({ expectedPid })).toMatchObject({ sent: true, pidChanged: true, process: { pid: 9 } });
      await fake?.stop();
    }
  });

  test("goes past an old worker once, and is never sent to one", async () => {
    const passing = await startWith({ stopping: (turn) => turn === 0 });
    expect(await passing.change()).toMatchObject({ sent: true });
    await fake?.stop();
    const { change, lines } = await startWith({ stopping: () => true });
    await expect(change()).rejects.toMatchObject({ kind: "unreachable", message: expect.stringContaining("stopping") });
    expect(lines).toEqual(["show info", "show info"]);
  });

  test("is read back with show stat on 1.5", async () => {
    const { change, lines } = await startWith({ version: "1.5.0" });
    expect((await change()).servers.find(({ server }) => server === "db2")).toMatchObject({ state: "drain" });
    expect(lines.at(-1)).toBe(`show info;${COMMAND};show stat`);
  });

  test("is not supported by 1.4, which answers with its help", async () => {
    const reply = replay("1.4.6", "set server read_nodes/nope state drain");
    const { change } = await startWith({ version: "1.4.6", reply });
    await expect(change()).rejects.toMatchObject({
      kind: "unsupported",
      message: expect.stringContaining("1.4.6"),
      advice: expect.stringContaining("1.5"),
    });
  });
});

describe("what HAProxy says", () => {
  test.each(["No such server.\n\n", "No such server.\n"])("%j is a refusal in its own words", async (reply) => {
    const { change } = await startWith({ reply });
    const { refusal, failure, servers } = await change();
    expect(refusal).toBe("No such server.");
    expect(failure).toMatchObject({
      kind: "rejected",
      operation: COMMAND,
      message: "HAProxy refuses: No such server.",
    });
    expect(failure?.advice).toContain("servers");
    expect(servers).toHaveLength(5);
  });

  test("a text never seen before is a notice when the change is in effect, else a refusal", async () => {
    const drained = await startWith({ reply: "Nice drain!\n\n" });
    expect(await drained.change()).toMatchObject({ notice: "Nice drain!", refusal: null, failure: null });
    const other = await drained.writer.change(
      { ...CHANGE, server: "db6" },
      { expectedPid: PID, signal: new AbortController().signal, timeoutMs: 2000 },
    );
    expect(other).toMatchObject({ notice: null, refusal: "Nice drain!", failure: { kind: "rejected", advice: null } });
  });
});

describe("after the line was sent the outcome is unknown when", () => {
  const unknown = { kind: "unknown-outcome", operation: COMMAND, advice: expect.stringContaining("Read") };

  test("nothing comes until the deadline", async () => {
    const { change } = await startWith({ onChange: () => {} });
    await expect(change({ timeoutMs: 200 })).rejects.toMatchObject(unknown);
    await vi.waitFor(() => expect(fake?.openConnections()).toBe(0), { timeout: 10_000 });
  });

  test("the connection ends without a word, or breaks", async () => {
    const ended = await startWith({ onChange: (_, socket) => void socket.end() });
    await expect(ended.change()).rejects.toMatchObject(unknown);
    await fake?.stop();
    const broken = await startWith({ onChange: (_, socket) => void socket.destroy() });
    await expect(broken.change()).rejects.toMatchObject(unknown);
  });

  test("the answer is cut off in the table", async () => {
    const { change } = await startWith({ onChange: (answer, socket) => void socket.end(answer.slice(0, -30)) });
    await expect(change()).rejects.toMatchObject(unknown);
  });

  test("the caller gives up", async () => {
    const controller = new AbortController();
    const { change } = await startWith({ onChange: () => controller.abort() });
    await expect(change({ signal: controller.signal })).rejects.toMatchObject(unknown);
  });
});

describe("before the line was sent nothing is unknown", () => {
  test("when nobody listens, the caller gives up, or the first question is not answered", async () => {
    const nobody = createHaproxyWriter({ name: "lb1", location: { kind: "unix", path: "/nonexistent/lb.sock" } });
    const bounds = { expectedPid: null, signal: new AbortController().signal, timeoutMs: 500 };
    await expect(nobody.change(CHANGE, bounds)).rejects.toMatchObject({ kind: "unreachable" });
    const { change, lines } = await startWith({});
    await expect(change({ signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: "cancelled" });
    expect(lines).toEqual([]);
    await fake?.stop();
    fake = await startFakeSocket(() => {});
    const silent = createHaproxyWriter({ name: "lb1", location: { kind: "unix", path: fake.path } });
    await expect(silent.change(CHANGE, { ...bounds, timeoutMs: 150 })).rejects.toMatchObject({ kind: "timeout" });
    expect(fake.lines).toEqual(["show info"]);
  });

  test("when somebody else answers", async () => {
    fake = await startFakeSocket((_, socket) => socket.end("Permission denied\n\n"));
    const writer = createHaproxyWriter({ name: "lb1", location: { kind: "unix", path: fake.path } });
    const bounds = { expectedPid: null, signal: new AbortController().signal, timeoutMs: 500 };
    await expect(writer.change(CHANGE, bounds)).rejects.toMatchObject({
      kind: "protocol",
      message: expect.stringContaining("Permission denied"),
    });
    expect(fake.lines).toEqual(["show info"]);
  });

  test("when the name cannot be sent: not even a connection is made", async () => {
    const { writer, lines } = await startWith({});
    const bounds = { expectedPid: null, signal: new AbortController().signal, timeoutMs: 500 };
    await expect(writer.change({ ...CHANGE, server: "db2;x" }, bounds)).rejects.toMatchObject({ kind: "rejected" });
    expect(lines).toEqual([]);
  });
});

test("a stats page refuses every change", async () => {
  const location = { kind: "stats", url: "http://127.0.0.1:1/stats", user: null, password: null } as const;
  const writer = createHaproxyWriter({ name: "lb1", location });
  const bounds = { expectedPid: null, signal: new AbortController().signal, timeoutMs: 500 };
  await expect(writer.change(CHANGE, bounds)).rejects.toMatchObject({ kind: "unsupported" });
});
