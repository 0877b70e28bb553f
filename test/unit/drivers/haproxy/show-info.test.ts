import { expect, test } from "vitest";
import { parseShowInfo } from "../../../../src/drivers/haproxy/show-info.ts";

test("reads names with colons in their value", () => {
  expect(parseShowInfo("Name: HAProxy\nVersion: 2.8.1: odd\nPid: 7\nnode: a:b\n")).toMatchObject({
    version: "2.8.1: odd",
    nodeName: "a:b",
  });
});

test("leaves what a version does not tell null", () => {
  expect(parseShowInfo("Name: HAProxy\nVersion: 1.4.6\nPid: 7\nnode: \n")).toEqual({
    nodeName: null,
    version: "1.4.6",
    pid: 7,
    uptimeSeconds: null,
    startTimeSeconds: null,
    nbproc: null,
    processNumber: null,
    stopping: false,
    currentConnections: null,
    maxConnections: null,
  });
});

test("tells an old worker", () => {
  expect(parseShowInfo("Version: 2.6\nPid: 7\nStopping: 1\n")?.stopping).toBe(true);
});

test.each(["", "Unknown command.\n", "Version: 2.6\n", "Pid: x\nVersion: 2.6\n"])("is null for %j", (text) => {
  expect(parseShowInfo(text)).toBeNull();
});
