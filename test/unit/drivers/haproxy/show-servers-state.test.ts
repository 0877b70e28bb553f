import { expect, test } from "vitest";
import { parseServersState } from "../../../../src/drivers/haproxy/show-servers-state.ts";
import { readRecording } from "./recordings.ts";

test("reads the columns by name, whatever their order", () => {
  const text = "1\n# be_id srv_name future be_name srv_admin_state\n7 s1 x b1 8\n\n";
  expect(parseServersState(text)).toMatchObject([
    { backend: "b1", server: "s1", backendId: 7, adminState: 8, port: null, agentEnabled: null },
  ]);
});

test("tells an enabled agent check from one that is only configured", () => {
  const text = "1\n# be_id be_name srv_name srv_agent_state\n2 b on 22\n2 b off 18\n\n";
  expect(parseServersState(text)?.map(({ agentEnabled }) => agentEnabled)).toEqual([true, false]);
});

test("takes an unresolved address and port 0 as not known", () => {
  const text = "1\n# be_id be_name srv_name srv_addr srv_port\n2 b s - 0\n\n";
  expect(parseServersState(text)).toMatchObject([{ host: null, port: null }]);
});

test("passes over a row that was cut before its names", () => {
  expect(parseServersState("1\n# be_id be_name srv_name\n2 b s\n2 b\n\n")).toHaveLength(1);
});

test.each(["1.4.6", "1.5.0"])("is null on %s, which answers with its help text", (version) => {
  expect(parseServersState(readRecording(version, "show-servers-state.txt"))).toBeNull();
});
