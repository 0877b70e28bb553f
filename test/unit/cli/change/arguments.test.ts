import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../support/requests.ts";
import { buildTestPlan, createFakeOperations, runChange } from "./support.ts";

describe("what a command line asks for", () => {
  it.each<[string, Parameters<typeof buildRequest>[0]]>([
    ["drain db2", { command: "drain", targets: ["db2"] }],
    ["drain db2 read_nodes/db3", { command: "drain", targets: ["db2", "read_nodes/db3"] }],
    ["maint db2 --haproxy lb1 --wait", { command: "maint", targets: ["db2"], haproxy: "lb1", waitMs: 60_000 }],
    ["ready db2 --force --reason fixed", { command: "ready", targets: ["db2"], force: true, reason: "fixed" }],
    ["drain db2 --wait --timeout 5m", { command: "drain", targets: ["db2"], waitMs: 300_000 }],
    ["drain db2 --timeout 5m", { command: "drain", targets: ["db2"] }],
    ["shutdown-sessions read_nodes/db2", { command: "shutdown-sessions", targets: ["read_nodes/db2"] }],
    ["weight read_nodes/db2 0", { command: "weight", targets: ["read_nodes/db2"], weight: 0 }],
    ["weight db2 256 --haproxy lb2", { command: "weight", targets: ["db2"], weight: 256, haproxy: "lb2" }],
    ["replica start db3", { command: "replica-start", targets: ["db3"] }],
    [
      "replica stop db3 --thread io --channel c1",
      { command: "replica-stop", targets: ["db3"], thread: "io", channel: "c1" },
    ],
    ["read-only on db4", { command: "read-only-on", targets: ["db4"] }],
    ["read-only off db4", { command: "read-only-off", targets: ["db4"] }],
    ["move-ip", { command: "move-ip", targets: [] }],
    ["move-ip lb2 --force --reason work", { command: "move-ip", targets: ["lb2"], force: true, reason: "work" }],
    ["kill-session db1 4711", { command: "kill-session", targets: ["db1"], sessionId: 4711 }],
    ["undo", { command: "undo" }],
    ["resume --wait", { command: "resume", waitMs: 60_000 }],
  ])("%s", async (line, asked) => {
    const operations = createFakeOperations(buildTestPlan());
    const { exitCode, err } = await runChange([...line.split(" "), "--yes"], operations);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(operations.plan).toHaveBeenCalledWith(buildRequest(asked));
  });

  it.each([
    ["weight db2 257", 'a weight of "257" cannot be set; give a whole number from 0 to 256'],
    ["weight db2 1.5", 'a weight of "1.5" cannot be set; give a whole number from 0 to 256'],
    ["weight db2 -1", 'a weight of "-1" cannot be set; give a whole number from 0 to 256'],
    ["weight db2 50%", 'a weight of "50%" cannot be set; give a whole number from 0 to 256'],
    ["weight db2", "missing required argument 'weight'"],
    ["drain", "missing required argument 'target'"],
    ["drain db2 --wait --timeout 5", '--timeout "5" has no unit; write 5s or 5ms; from 1s to 24h is allowed'],
    ["drain db2 --timeout 0s", '--timeout "0s" is too short; from 1s to 24h is allowed'],
    ["drain db2 --haproxy lb1 --haproxy lb2", '--haproxy names one HAProxy, not "lb1" and "lb2"; leave it out for all'],
    ["drain db2 --weight 3", "unknown option '--weight'"],
    ["replica", "replica wants a word and a node: signalbox replica start|stop NODE"],
    ["replica sotp db2", 'replica does not know "sotp" (did you mean stop?): signalbox replica start|stop NODE'],
    [
      "replica stop db2 --thread both",
      "option '--thread <thread>' argument 'both' is invalid. Allowed choices are io, sql.",
    ],
    ["replica stop db2 --haproxy lb1", 'replica stop acts on no HAProxy by name; leave out --haproxy "lb1"'],
    ["read-only maybe db2", 'read-only does not know "maybe": signalbox read-only on|off NODE'],
    ["kill-session db1 0", '"0" is no session; give the number that the processlist has'],
    ["kill-session db1 x\u001b[2J", '"x\\e[2J" is no session; give the number that the processlist has'],
    ["undo 20261120T000000-x", 'the journal has no operation "20261120T000000-x"; "signalbox operations" lists them'],
  ])("%s is one line on stderr and exit code 64", async (line, message) => {
    const operations = createFakeOperations(buildTestPlan());
    const { exitCode, out, err } = await runChange([...line.split(" "), "--yes"], operations);
    expect({ exitCode, out }).toEqual({ exitCode: 64, out: "" });
    expect(err.trimEnd()).toMatch(/^signalbox: [^\n]*$/);
    expect(err).toContain(message);
    expect(operations.run).not.toHaveBeenCalled();
  });

  it("a URL after --haproxy is a place to connect to, a name beside it one of those", async () => {
    const operations = createFakeOperations(buildTestPlan());
    const argv = ["drain", "db2", "--haproxy", "unix:///run/a.sock", "--haproxy", "lb1", "--yes"];
    expect((await runChange(argv, operations)).exitCode).toBe(0);
    expect(operations.plan.mock.calls[0]?.[0]).toMatchObject({ cluster: "cluster", haproxy: "lb1" });
  });

  it.each(["drain", "maint", "ready", "shutdown-sessions", "weight", "kill-session", "undo", "resume"])(
    "%s --help names every option of changing commands and the exit codes",
    async (name) => {
      const { exitCode, out } = await runChange([name, "--help"], null);
      expect(exitCode).toBe(0);
      for (const text of ["--dry-run", "--yes", "--json", "--reason", "--force", "--config", "130 interrupted"]) {
        expect(out).toContain(text);
      }
    },
  );
});
