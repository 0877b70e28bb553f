import { describe, expect, it } from "vitest";
import { runLocally } from "../../../../src/drivers/host/run-command.ts";

const bounds = (timeoutMs = 5_000, signal = new AbortController().signal) => ({ signal, timeoutMs });

describe("a program on this machine", () => {
  it("is given its arguments as they are: nothing in them is a command", async () => {
    const text = "$(id) `id` ; id | id > /tmp/x \"' \\";
    expect(await runLocally(["printf", "%s", text], bounds())).toEqual({ exitCode: 0, stdout: text, stderr: "" });
  });

  it("tells an exit code as a result", async () => {
    expect(await runLocally(["ls", "-d", "/there/is/none"], bounds())).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it("inherits nothing of our environment, where passwords may stand", async () => {
    const { stdout } = await runLocally(["env"], bounds());
    expect(stdout.split("\n").map((line) => line.split("=")[0])).toEqual(["PATH", "LC_ALL", ""]);
  });

  it("ends at its deadline and on abort, and says so", async () => {
    await expect(runLocally(["sleep", "30"], bounds(50))).rejects.toMatchObject({
      kind: "timeout",
      message: "this machine: sleep: no answer within 50 ms",
    });
    const abort = new AbortController();
    const running = runLocally(["sleep", "30"], bounds(5_000, abort.signal));
    abort.abort();
    await expect(running).rejects.toMatchObject({ kind: "cancelled" });
  });

  it("says when there is no such program", async () => {
    await expect(runLocally(["signalbox-no-such-program"], bounds())).rejects.toMatchObject({ kind: "unsupported" });
  });
});
