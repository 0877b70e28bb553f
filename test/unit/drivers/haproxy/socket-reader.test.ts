import { afterEach, describe, expect, test } from "vitest";
import { createHaproxyReader } from "../../../../src/drivers/haproxy/reader.ts";
import { type FakeSocket, startFakeSocket } from "./fake-socket.ts";
import { replay } from "./recordings.ts";

const LEVEL_LINE = "show cli level;show info;show servers state;show stat";
const LINE = "show info;show servers state;show stat";

let fake: FakeSocket | null = null;

afterEach(async () => {
  await fake?.stop();
  fake = null;
});

async function startWith(answerOf: (line: string, turn: number) => string) {
  let turn = 0;
  fake = await startFakeSocket((line, socket) => {
    socket.end(answerOf(line, turn));
    turn += 1;
  });
  const reader = createHaproxyReader({ name: "lb1", location: { kind: "unix", path: fake.path } });
  const poll = () => reader.poll({ signal: new AbortController().signal, timeoutMs: 2000 });
  return { reader, poll, lines: fake.lines };
}

function ofProcess(line: string, pid: number, more = ""): string {
  return replay("2.6.12", line).replace(/^Pid: .*$/m, `Pid: ${pid}${more}`);
}

describe("the level of the socket", () => {
  test("is asked once per process and told with every report", async () => {
    const { poll, lines } = await startWith((line) => replay("2.6.12", line));
    const levels = [await poll(), await poll(), await poll()].map(({ level }) => level);
    expect(levels).toEqual(["admin", "admin", "admin"]);
    expect(lines).toEqual([LEVEL_LINE, LINE, LINE]);
  });

  test("is asked again in the same poll when another process answers", async () => {
    const { poll, lines } = await startWith((line, turn) => {
      const answer = ofProcess(line, turn === 0 ? 100 : 200);
      return turn === 0 ? answer : answer.replace(/^admin\n/, "operator\n");
    });
    expect((await poll()).level).toBe("admin");
    expect(await poll()).toMatchObject({ level: "operator", process: { pid: 200 } });
    expect(lines).toEqual([LEVEL_LINE, LINE, LEVEL_LINE]);
  });

  test("is known for each of several processes that share the socket", async () => {
    const { poll, lines } = await startWith((line, turn) => ofProcess(line, turn % 3 === 0 ? 100 : 200));
    for (let turn = 0; turn < 6; turn += 1) await poll();
    expect(lines.filter((line) => line === LEVEL_LINE)).toHaveLength(2);
  });

  test("is not known before 1.9, and not asked again and again", async () => {
    const { poll, lines } = await startWith((line) => replay("1.5.0", line));
    expect((await poll()).level).toBeNull();
    expect((await poll()).level).toBeNull();
    expect(lines).toEqual([LEVEL_LINE, LINE]);
  });
});

describe("an old worker", () => {
  test("is passed over when the next connection reaches the new one", async () => {
    const { poll } = await startWith((line, turn) =>
      ofProcess(line, turn === 0 ? 100 : 200).replace("Stopping: 0", turn === 0 ? "Stopping: 1" : "Stopping: 0"),
    );
    expect((await poll()).process).toMatchObject({ pid: 200, stopping: false });
  });

  test("is an error when it is all there is", async () => {
    const { poll } = await startWith((line) => ofProcess(line, 100).replace("Stopping: 0", "Stopping: 1"));
    await expect(poll()).rejects.toMatchObject({
      kind: "unreachable",
      message:
        "This HAProxy process (pid 100) is stopping: it only finishes its sessions, and its state is not the one in use.",
    });
  });
});

test("a socket whose level is too low to read is told with advice", async () => {
  const { poll } = await startWith(() => "Permission denied\n\nPermission denied\n\nPermission denied\n\n");
  await expect(poll()).rejects.toMatchObject({ kind: "rejected", advice: expect.stringContaining("level user") });
});

test("several polls at once do not mix their answers", async () => {
  const { reader, poll } = await startWith((line, turn) => ofProcess(line, 100 + turn));
  const reports = await Promise.all([poll(), poll(), poll(), poll()]);
  expect(new Set(reports.map(({ process }) => process?.pid)).size).toBe(4);
  await reader.close();
});

test("a location over SSH is refused with a sentence until a way to open it is given", async () => {
  const location = { kind: "ssh", user: "ops", host: "lb1", port: null, path: "/run/haproxy/admin.sock" } as const;
  const reader = createHaproxyReader({ name: "lb1", location });
  const polling = reader.poll({ signal: new AbortController().signal, timeoutMs: 1000 });
  await expect(polling).rejects.toMatchObject({
    kind: "unsupported",
    target: "lb1 ssh://ops@lb1/run/haproxy/admin.sock",
  });
});
