import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { POLL_LINE, parsePollAnswer } from "../../../../src/drivers/haproxy/poll-answer.ts";
import { replay } from "./recordings.ts";

const LONG_NAME = "a_backend_with_a_long_name";

/** An answer with memory of its own, as it comes from a socket. */
function buildBigAnswer(): string {
  const answer = replay("2.6.12", POLL_LINE).replaceAll("read_nodes", LONG_NAME);
  const [row = ""] = new RegExp(`^${LONG_NAME},db6,.*\n`, "m").exec(answer) ?? [];
  return Buffer.from(answer.replace(row, row.repeat(3000))).toString("utf8");
}

function usedBytes(collect: () => void): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("names and texts kept from many answers do not keep the answers", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const before = usedBytes(collect);
  const kept = Array.from({ length: 40 }, () => {
    const { servers, process } = parsePollAnswer(buildBigAnswer(), "lb1");
    const server = servers.find(({ backend, checkInfo }) => backend === LONG_NAME && checkInfo !== "");
    return [server?.backend, server?.host, server?.checkInfo, process?.version, servers.at(-1)?.checkInfo];
  });
  expect(usedBytes(collect) - before).toBeLessThan(8_000_000);
  expect(kept.at(-1)).toEqual([
    LONG_NAME,
    "127.0.0.1",
    "Layer4 check passed",
    "2.6.12-1+deb12u4",
    '#08004Too many "connections", try later',
  ]);
});
