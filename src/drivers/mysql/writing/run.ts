/** One change from its text to what was read back, with an error that says for certain what is not done. */

import type { Blocker } from "../../../model/operation.ts";
import type { MysqlChange, MysqlChangeResult, MysqlSeen, MysqlWriter } from "../../contract.ts";
import { DriverError } from "../../errors.ts";
import type { Progress } from "../bounds.ts";
import { mapError } from "../failure.ts";
import type { Login } from "../login.ts";
import { explainRead, explainSent, type Sent } from "../write-failure.ts";
import type { WritingLink } from "../writing-link.ts";
import { watchBlockers } from "./blockers.ts";
import { isOnlyReading } from "./kinds.ts";
import { forgetNotices, markNotices, readNotices } from "./notices.ts";
import { listCommands, performChange } from "./perform.ts";
import { createScrub, type Scrub, scrubError } from "./secret.ts";
import { readSeen } from "./seen.ts";
import { type ExecuteOptions, type Performed, stopIfGivenUp, type Work } from "./work.ts";

export interface ChangeRunner {
  readonly execute: MysqlWriter["execute"];
  /** Marks the change that is under way as interrupted; false when there is none. */
  markInterrupted(): boolean;
}

interface RunnerOptions {
  readonly target: string;
  readonly worker: WritingLink;
  readonly killer: WritingLink;
  readonly ownIds: () => readonly number[];
}

/** How far one call has come. */
interface Run {
  readonly change: MysqlChange;
  readonly options: ExecuteOptions;
  readonly scrub: Scrub;
  interrupted: boolean;
  /** From the moment its text is known. */
  asked: Sent | null;
  /** Something may have been changed. */
  sent: Sent | null;
  done: MysqlChangeResult | null;
}

export function createChangeRunner(runner: RunnerOptions): ChangeRunner {
  let current: Run | null = null;
  return {
    markInterrupted: () => {
      if (current === null || current.done !== null) return false;
      current.interrupted = true;
      return true;
    },
    execute: async (change, options) => {
      const password = change.kind === "change-source" ? (options.login?.password ?? null) : null;
      const scrub = createScrub(password);
      const run: Run = { change, options, scrub, interrupted: false, asked: null, sent: null, done: null };
      const work = async (login: Login, progress: Progress): Promise<MysqlChangeResult> => {
        current = run;
        return carryOut(runner, run, login, progress);
      };
      try {
        return await runner.worker.run(options, work);
      } catch (error) {
        // Only reading what is there now failed then.
        if (run.done !== null) return run.done;
        const failure = explain(error, run, runner.target);
        throw password === null ? failure : scrubError(failure, scrub);
      } finally {
        if (current === run) current = null;
      }
    },
  };
}

function explain(error: unknown, run: Run, target: string): DriverError {
  if (run.sent !== null) return explainSent(error, run.sent);
  return run.asked === null ? mapError(error, target, "connect") : explainRead(error, run.asked, run.interrupted);
}

async function carryOut(
  { target, killer, ownIds }: RunnerOptions,
  run: Run,
  login: Login,
  progress: Progress,
): Promise<MysqlChangeResult> {
  const { change, options } = run;
  const commands = listCommands(change, { login, options });
  assertExpected(target, commands, options.expectedCommand ?? null);
  const command = commands[0] ?? change.kind;
  progress.operation = command;
  run.asked = { target, login, change, command };
  const watch: { blockers: readonly Blocker[] } = { blockers: [] };
  const work: Work = {
    target,
    login,
    progress,
    options,
    killer,
    ownIds,
    blockers: () => watch.blockers,
    interrupted: () => run.interrupted,
    send: async (sql, shown = sql) => {
      progress.operation = shown;
      // A KILL QUERY between two statements ends none of them.
      stopIfGivenUp(work);
      await forgetNotices(login.connection);
      run.sent = { target, login, change, command: shown };
      try {
        await login.connection.query(sql);
      } catch (error) {
        markNotices(login.connection);
        // The session keeps the error, and with it perhaps a part of the secret: nobody may come to read it.
        if (sql !== shown) login.connection.destroy();
        throw error;
      }
    },
  };
  const stop = watchBlockers(work, change, (blockers) => {
    watch.blockers = blockers;
    options.onBlockers?.(blockers);
  });
  try {
    return await finish(work, run, await performChange(work, change));
  } finally {
    stop();
  }
}

/** From here on it is done: whatever fails now only means that less is known. */
async function finish(work: Work, run: Run, performed: Performed): Promise<MysqlChangeResult> {
  const { change, scrub } = run;
  const { flavor, version, serverId, hostname, port } = work.login.identity;
  const { command, seen = {}, notices = [] } = performed;
  const done = (more: MysqlSeen, texts: readonly string[]): MysqlChangeResult => ({
    command,
    server: { flavor, version, serverId, hostname, port },
    notices: texts,
    seen: more,
  });
  run.done = done(seen, notices);
  if (isOnlyReading(change)) return run.done;
  const warnings = change.kind === "clear-sessions" ? [] : (await readNotices(work.login.connection)).map(scrub);
  run.done = done(seen, [...notices, ...warnings]);
  run.done = done({ ...seen, ...(await readSeen(work, change, command)) }, [...notices, ...warnings]);
  return run.done;
}

function assertExpected(target: string, commands: readonly string[], expected: string | null): void {
  if (expected === null || commands.includes(expected)) return;
  throw new DriverError({
    kind: "rejected",
    target,
    operation: expected,
    message: `${target}: the server that answers would need another statement (${commands.at(-1)}); nothing was sent`,
    advice: "The server was replaced or upgraded since the plan was made: make the plan again.",
  });
}
