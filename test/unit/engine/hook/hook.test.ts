/** The hook with real programs. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AlertHook, createAlertHook } from "../../../../src/engine/hook/hook.ts";
import { runHook } from "../../../../src/engine/hook/run.ts";
import type { Alert } from "../../../../src/model/alert.ts";
import { systemClock } from "../../../../src/monitor/clock.ts";
import { waitFor } from "../../../lab/wait.ts";
import { buildAlert, buildCluster, buildSnapshot, START } from "../../../support/snapshots.ts";
import { buildSettings } from "../../monitor/support/settings.ts";

let folder = "";
const hooks: AlertHook[] = [];
const logged: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "signalbox-hook-"));
  logged.length = 0;
});
afterEach(async () => {
  await Promise.all(hooks.splice(0).map((hook) => hook.close()));
  rmSync(folder, { recursive: true, force: true });
});

function open(command: string): AlertHook {
  const settings = buildSettings({ alertHook: command });
  const hook = createAlertHook(settings, systemClock, (_at, line) => logged.push(line));
  if (hook === null) throw new Error("there is a hook");
  hooks.push(hook);
  return hook;
}

const show = (hook: AlertHook, ...alerts: readonly Alert[]) =>
  hook
    .see(buildSnapshot({ clusters: [buildCluster({ alerts })] }))
    .changes.map(({ subject, after }) => `${subject}: ${after}`);
const lines = (): string[] => {
  try {
    return readFileSync(join(folder, "told"), "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return [];
  }
};

describe("the alert hook", () => {
  it("gets exactly one line of JSON for a worsening and one for its recovery", async () => {
    const hook = open(`cat >> ${folder}/told`);
    const alert = buildAlert({ message: 'it said "\u001b[2J\nx"' });
    show(hook);
    show(hook, alert);
    await waitFor("the hook", () => lines().length === 1);
    show(hook);
    await waitFor("the hook", () => lines().length === 2, { timeoutMs: 12_000 });
    const { subject: _subject, ...told } = alert;
    const at = new Date(START).toISOString();
    expect(lines().map((line) => JSON.parse(line))).toEqual([
      { at, cluster: "shop", change: "raised", alert: told },
      { at, cluster: "shop", change: "cleared", alert: told },
    ]);
  }, 20_000);

  it("a failing program is logged each time, shown once, and said to work again", async () => {
    const hook = open(`echo no pager >&2; test -e ${folder}/works`);
    const [one, two] = [buildAlert({ subject: "a" }), buildAlert({ subject: "b" })];
    show(hook);
    show(hook, one);
    await waitFor("the hook", () => logged.length === 1);
    expect(logged[0]).toBe(
      "alert hook of shop: replica-sql-stopped a raised was not told: the program failed with exit code 1, it said: no pager",
    );
    const shown = show(hook, one, two);
    expect(shown).toEqual([expect.stringMatching(/^alert hook: replica-sql-stopped a raised was not told/)]);
    await waitFor("the hook", () => logged.length === 2);
    expect(show(hook, one, two)).toEqual([]);
    await runHook(`touch ${folder}/works`, "", 5_000, new AbortController().signal);
    show(hook, one, two, buildAlert({ subject: "c" }));
    await waitFor("the hook", () => logged.some((line) => line.endsWith("works again")));
    expect(show(hook, one, two)).toEqual(["alert hook: works again"]);
  });

  it("no hook, no object", () => {
    expect(createAlertHook(buildSettings({}), systemClock, () => undefined)).toBeNull();
  });
});

describe("a run of the hook", () => {
  const run = (command: string, timeoutMs = 5_000, signal = new AbortController().signal) =>
    runHook(command, "x".repeat(300_000), timeoutMs, signal);

  it.each([
    ["ends well", "cat > /dev/null", null],
    ["reads no input", "true", null],
    ["fails", "exit 7", "failed with exit code 7"],
    ["is killed", "kill -9 $$", "failed with SIGKILL"],
    ["does not exist", "/nonexistent/page", /^failed with exit code 127, it said: .*not found/],
  ])("that %s", async (_what, command, told) => {
    const problem = await run(command);
    if (told instanceof RegExp) expect(problem).toMatch(told);
    else expect(problem).toBe(told);
  });

  it("that hangs is ended at its time, with what it started", async () => {
    const problem = await run(`sh -c 'echo $$ > ${folder}/child; sleep 60' & wait`, 300);
    expect(problem).toBe("was ended: it ran for more than 0.3 s");
    const child = Number(readFileSync(join(folder, "child"), "utf8"));
    await waitFor("the hook", () => {
      try {
        return readFileSync(`/proc/${child}/stat`, "utf8").includes(") Z");
      } catch {
        return true;
      }
    });
  });

  it("that leaves something behind is not waited for", async () => {
    const startedMs = performance.now();
    expect(await run("sleep 3 & exit 0")).toBeNull();
    expect(performance.now() - startedMs).toBeLessThan(2_500);
  });

  it("is ended when signalbox ends", async () => {
    const abort = new AbortController();
    const ended = run("sleep 60", 5_000, abort.signal);
    abort.abort();
    expect(await ended).toBe("was ended because signalbox ends");
  });
});
