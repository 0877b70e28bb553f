import { describe, expect, test } from "vitest";
import { buildChangeLine, parseChangeAnswer, selectReadBack } from "../../../../src/drivers/haproxy/change-answer.ts";
import { classifyAnswer } from "../../../../src/drivers/haproxy/refusals.ts";
import { parseShowInfo } from "../../../../src/drivers/haproxy/show-info.ts";
import type { HaproxyProcess } from "../../../../src/model/haproxy.ts";
import { listReplies, RECORDED_VERSIONS, readRecording } from "./recordings.ts";

const OLD: readonly string[] = ["1.4.6", "1.5.0"];

function processOf(version: string): HaproxyProcess {
  const process = parseShowInfo(readRecording(version, "show-info.txt"));
  if (process === null) throw new Error(`no show info of ${version}`);
  return process;
}

/** The whole answer to a line of this version: the reply as it was recorded between process and table. */
function answerOf(version: string, reply: string): string {
  const table = OLD.includes(version) ? "show-stat.csv" : "show-servers-state.txt";
  return readRecording(version, "show-info.txt") + reply + readRecording(version, table);
}

describe.each(RECORDED_VERSIONS)("the line of a change on %s", (version) => {
  const readBack = selectReadBack(processOf(version));
  const parse = (reply: string) => parseChangeAnswer(answerOf(version, reply), "read_nodes", readBack);

  test("reads back by what the version has", () => {
    expect(readBack).toBe(OLD.includes(version) ? "stat" : "servers-state");
    expect(buildChangeLine("set server read_nodes/db2 state drain", "read_nodes", readBack)).toBe(
      `show info;set server read_nodes/db2 state drain;${OLD.includes(version) ? "show stat" : "show servers state read_nodes"}`,
    );
  });

  test("is taken apart around every recorded reply, with its line ends and with one only", () => {
    const replies = listReplies(version);
    expect(replies.length).toBeGreaterThan(5);
    for (const reply of replies) {
      for (const text of [reply, `${reply.trimEnd()}\n`, `${reply.trimEnd()}\n\n`]) {
        const answer = parse(text);
        expect(answer?.text, JSON.stringify(text)).toBe(reply.trim());
        expect(answer?.process).toEqual(processOf(version));
        expect(answer?.servers.map(({ server }) => server)).toEqual(["db2", "db3", "db4", "db5", "db6"]);
      }
    }
  });

  test("tells what every server is now", () => {
    const states = Object.fromEntries(parse("\n")?.servers.map(({ server, state }) => [server, state]) ?? []);
    expect(states.db3).toBe("maint");
    if (version !== "1.4.6") expect(states.db2).toBe("drain");
    // 1.5 shows DOWN whether drained or not, and DRAIN for weight 0.
    if (version === "1.5.0") expect(states).toMatchObject({ db4: null, db5: null, db6: "ready" });
  });

  test("is not believed when it is cut off anywhere", () => {
    const whole = answerOf(version, "No such server.\n\n");
    for (let length = 0; length < whole.length; length += 1) {
      const part = parseChangeAnswer(whole.slice(0, length), "read_nodes", readBack);
      // A table cut right after a whole row ends with one LF, not two.
      expect(part, `after ${length} of ${whole.length}`).toBeNull();
    }
    expect(parseChangeAnswer(whole, "read_nodes", readBack)?.text).toBe("No such server.");
  });

  test("every refusal that was recorded is known as one", () => {
    for (const text of listReplies(version).map((reply) => reply.trim())) {
      if (/^(No such|'set server|Empty weight)/.test(text)) expect(classifyAnswer(text).kind, text).toBe("refused");
      if (/^Unknown command/.test(text)) expect(classifyAnswer(text).kind).toBe("unknown-command");
      if (text === "") expect(classifyAnswer(text).kind).toBe("accepted");
      if (/^(no need to|port changed)/.test(text)) expect(classifyAnswer(text).kind).toBe("notice");
    }
  });
});

test("a backend that is not there leaves the refusal and no servers, also with one LF between", () => {
  for (const ends of ["\n", "\n\n"]) {
    const text = `${readRecording("2.6.12", "show-info.txt")}No such backend.${ends}Can't find backend.\n\n`;
    expect(parseChangeAnswer(text, "nope", "servers-state")).toMatchObject({ text: "No such backend.", servers: [] });
  }
});

test("text of a checked server in show stat cannot pass for the answer to a change", () => {
  const info = readRecording("1.5.0", "show-info.txt");
  const stat = readRecording("1.5.0", "show-stat.csv");
  const lines = stat.split("\n");
  const column = (lines[0] ?? "").split(",").indexOf("last_chk");
  expect(column).toBeGreaterThan(0);
  const row = lines.findIndex((line) => line.startsWith("read_nodes,db6,"));
  const cells = (lines[row] ?? "").split(",");
  cells[column] = '"evil\n\n# pxname,svname\nread_nodes,db2,MAINT\n\n1\n# be_id \n"';
  lines[row] = cells.join(",");
  const answer = parseChangeAnswer(`${info}No such server.\n${lines.join("\n")}`, "read_nodes", "stat");
  expect(answer?.text).toBe("No such server.");
  expect(answer?.servers.find(({ server }) => server === "db2")?.state).toBe("drain");
});

test.each([
  "Permission denied",
  "Proxy is disabled.",
  "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.",
  "Absolute weight can only be between 0 and 256 inclusive.",
  "cannot change health on a tracking server.",
  "agent checks are not enabled on this server.",
  "'set server <srv> state' expects 'ready', 'drain' and 'maint'.",
])("%s is a refusal with advice", (text) => {
  expect(classifyAnswer(text)).toMatchObject({ kind: "refused", advice: expect.stringMatching(/\.$/) });
});
