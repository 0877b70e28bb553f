import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildJournalFacts } from "../../../src/operations/journal/entry.ts";
import { createJournal, parseJournal } from "../../../src/operations/journal/journal.ts";
import { selectJournalDir, selectOperator } from "../../../src/operations/journal/place.ts";
import { isProcessAlive, ownIdentity } from "../../../src/operations/journal/process-identity.ts";
import { buildRecord, needsAttention } from "../../../src/operations/journal/record.ts";
import { buildRequest } from "../../support/requests.ts";
import { createDesk, type Desk, FakeWorld } from "./support/fake-world.ts";
import { buildR1Twice } from "./support/scenes.ts";

const CONTRACT_FIELDS = [
  "at",
  "operation",
  "cluster",
  "operator",
  "host",
  "kind",
  "step",
  "phase",
  "target",
  "command",
  "before",
  "after",
  "error",
];

function isWholeLine(line: string): boolean {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}

describe("Journal", () => {
  let world: FakeWorld;
  let desk: Desk;

  beforeEach(() => {
    world = new FakeWorld(buildR1Twice());
    desk = createDesk(world);
  });
  afterEach(() => desk.remove());

  async function drain(reason: string | null = null) {
    const request = buildRequest({ command: "drain", targets: ["read_nodes/db3"], reason });
    return desk.operations.run(await desk.operations.plan(request));
  }
  const fileOf = (id: string) => join(desk.dir, `${id}.jsonl`);

  it("is one file per operation that only its owner can read, in a folder only he can enter", async () => {
    const { id } = await drain();
    expect(readdirSync(desk.dir)).toEqual([`${id}.jsonl`]);
    expect(statSync(fileOf(id)).mode & 0o777).toBe(0o600);
    expect(statSync(desk.dir).mode & 0o777).toBe(0o700);
  });

  it("has every field of the contract in every line", async () => {
    const { id } = await drain("kernel update");
    const lines = readFileSync(fileOf(id), "utf8").trim().split("\n");
    for (const line of lines) expect(Object.keys(JSON.parse(line))).toEqual(expect.arrayContaining(CONTRACT_FIELDS));
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({
      operation: id,
      cluster: "shop",
      operator: "ana",
      host: "bastion",
      kind: "drain",
      step: 1,
      phase: "intent",
      target: "lb1",
      command: "set server read_nodes/db3 state drain",
      error: null,
    });
    expect((await desk.journal.show(id))?.reason).toBe("kernel update");
  });

  it("has ids that sort by time and say what was done", async () => {
    expect((await drain()).id).toMatch(/^20261120T153102-drain-db3-\d{4}$/);
  });

  it("holds no secret", async () => {
    world.scene.configure({ access: { ...world.settings.access, password: { secret: "hunter2" } } });
    const { id } = await drain();
    expect(readFileSync(fileOf(id), "utf8")).not.toContain("hunter2");
  });

  it("cut off at any byte tells what was surely begun, and never throws", async () => {
    const { id } = await drain();
    const whole = readFileSync(fileOf(id));
    let sawAttention = false;
    for (let length = 0; length <= whole.length; length += 1) {
      const text = whole.subarray(0, length).toString();
      const record = buildRecord(parseJournal(text), "bastion", () => false);
      const lines = text.split("\n").filter(isWholeLine);
      const begun = lines.filter((line) => line.includes('"step":1,'));
      if (record === null) expect(lines).toEqual([]);
      else {
        expect(record.phases.has(1)).toBe(begun.length > 0);
        expect(record.state === "done").toBe(lines.length === 6);
        expect(needsAttention(record)).toBe(record.state === "interrupted" && record.phases.size > 0);
        sawAttention ||= needsAttention(record);
      }
    }
    expect(sawAttention).toBe(true);
  });

  it("goes on after a half line without losing the next one", async () => {
    const { id } = await drain();
    appendFileSync(fileOf(id), '{"at":"2026');
    const record = await desk.journal.show(id);
    if (record === null) throw new Error("no record");
    await desk.journal.markUndone(record, "other", "2026-11-20T16:00:00.000Z");
    expect((await desk.journal.show(id))?.undoneBy).toBe("other");
  });

  it("passes over files that are none of its own", async () => {
    const { id } = await drain();
    writeFileSync(join(desk.dir, "notes.txt"), "x");
    writeFileSync(join(desk.dir, "broken.jsonl"), "not json\n");
    expect((await desk.journal.list("shop")).map((record) => record.id)).toEqual([id]);
    expect(await desk.journal.list("other")).toEqual([]);
    expect(await desk.journal.show("../../etc/passwd")).toBeNull();
  });

  it("lists so many of the cluster that is asked for, however many of others came since", async () => {
    const { id } = await drain();
    const text = readFileSync(fileOf(id), "utf8").replaceAll('"cluster":"shop"', '"cluster":"other"');
    for (const second of ["03", "04", "05"]) {
      const other = `20261120T1531${second}-drain-db3-0009`;
      writeFileSync(fileOf(other), text.replaceAll(id, other));
    }
    const ids = async (cluster: string | null, limit: number) =>
      (await desk.journal.list(cluster, limit)).map((record) => record.id);
    expect(await ids("shop", 1)).toEqual([id]);
    expect(await ids("other", 2)).toEqual(["20261120T153105-drain-db3-0009", "20261120T153104-drain-db3-0009"]);
    expect(await ids(null, 4)).toHaveLength(4);
  });

  it("that is not there yet is empty, and one that cannot be read is not taken for an empty one", async () => {
    const journalIn = (dir: string) => createJournal({ dir, host: "bastion" });
    expect(await journalIn(join(desk.dir, "none")).list(null)).toEqual([]);
    const file = join(desk.dir, "a-file");
    writeFileSync(file, "");
    const unreadable = journalIn(file);
    const told = `The journal in ${file} cannot be read (ENOTDIR).`;
    await expect(unreadable.list(null)).rejects.toThrow(told);
    await expect(unreadable.unfinished("shop")).rejects.toThrow(told);
  });

  it("tells a running operation from one that was cut short", async () => {
    const { id } = await drain();
    const lines = readFileSync(fileOf(id), "utf8").trim().split("\n");
    writeFileSync(fileOf(id), `${lines.slice(0, -1).join("\n")}\n`);
    expect((await desk.journal.show(id))?.state).toBe("running");
    const dead = createJournal({ dir: desk.dir, host: "bastion", isAlive: () => false });
    expect((await dead.show(id))?.state).toBe("interrupted");
    const elsewhere = createJournal({ dir: desk.dir, host: "other", isAlive: () => true });
    expect((await elsewhere.show(id))?.state).toBe("interrupted");
  });

  it("knows who took what out of service, until it is put back", async () => {
    const { id } = await drain("kernel update");
    const facts = () => desk.journal.list("shop").then(buildJournalFacts);
    expect((await facts()).takenOut[0]).toMatchObject({
      haproxy: "lb1",
      server: "db3",
      operator: "ana",
      operation: id,
      reason: "kernel update",
    });
    world.pass(5_000);
    const request = buildRequest({ command: "ready", targets: ["read_nodes/db3"] });
    await desk.operations.run(await desk.operations.plan(request));
    expect((await facts()).takenOut).toEqual([]);
  });
});

describe("Place of the journal", () => {
  it("is the state folder given, else that of XDG, else below home", () => {
    expect(selectJournalDir({ SIGNALBOX_STATE_DIR: "/var/sb" }, "/home/a")).toBe("/var/sb");
    expect(selectJournalDir({ XDG_STATE_HOME: "/state" }, "/home/a")).toBe("/state/signalbox/operations");
    expect(selectJournalDir({ XDG_STATE_HOME: "relative" }, "/home/a")).toBe(
      "/home/a/.local/state/signalbox/operations",
    );
    expect(selectJournalDir({}, "/home/a")).toBe("/home/a/.local/state/signalbox/operations");
  });

  it("names the login behind sudo", () => {
    expect(selectOperator({ SUDO_USER: "ana" })).toBe("ana");
    expect(selectOperator({})).not.toBe("");
  });

  it("knows this process, not one that had its number before, and not a dead thread of it", () => {
    const own = ownIdentity();
    expect(isProcessAlive(own)).toBe(true);
    expect(isProcessAlive({ ...own, startedTicks: "1" })).toBe(own.startedTicks === null);
    expect(isProcessAlive({ ...own, thread: (own.thread ?? 0) + 1 })).toBe(false);
    expect(isProcessAlive({ pid: 2 ** 22 + 1, startedTicks: null })).toBe(false);
  });

  it("never opens a folder that many share to the owner alone", async () => {
    const dir = mkdtempSync(join(tmpdir(), "sbx-shared-"));
    const { chmodSync } = await import("node:fs");
    chmodSync(dir, 0o1777);
    const file = await createJournal({ dir, host: "h" }).open("x");
    await file.close();
    expect(statSync(dir).mode & 0o7777).toBe(0o1777);
    rmSync(dir, { recursive: true });
  });

  it("makes folders that are missing, and says so where none can be made below a folder that is there", async () => {
    const top = mkdtempSync(join(tmpdir(), "sbx-folders-"));
    const dir = join(top, "state", "signalbox", "operations");
    for (const id of ["x", "y"]) await (await createJournal({ dir, host: "h" }).open(id)).close();
    expect(readdirSync(dir)).toEqual(["x.jsonl", "y.jsonl"]);
    expect(statSync(join(top, "state")).mode & 0o777).toBe(0o700);
    const isFile = createJournal({ dir: join(dir, "x.jsonl", "deeper"), host: "h" });
    await expect(isFile.open("x")).rejects.toMatchObject({ code: "ENOTDIR" });
    // As an automounter answers for the home of nobody.
    const nowhere = createJournal({ dir: "/proc/signalbox-nobody/state/operations", host: "h" });
    await expect(nowhere.open("x")).rejects.toMatchObject({ code: "ENOENT" });
    rmSync(top, { recursive: true });
  });
});
