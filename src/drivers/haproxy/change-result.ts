/** What an answer to a change amounts to. */
import type { HaproxyProcess } from "../../model/haproxy.ts";
import type { HaproxyChange, HaproxyChangeResult } from "../contract.ts";
import { DriverError, describeFailure } from "../errors.ts";
import type { ChangeAnswer } from "./change-answer.ts";
import { classifyAnswer } from "./refusals.ts";

export interface ChangeOutcome {
  readonly target: string;
  readonly change: HaproxyChange;
  readonly command: string;
  readonly answer: ChangeAnswer;
  readonly pidChanged: boolean;
}

/** @throws DriverError kind `unsupported` when the version does not know the command */
export function buildResult({ target, change, command, answer, pidChanged }: ChangeOutcome): HaproxyChangeResult {
  const { process, text, servers } = answer;
  const shared = { command, sent: true, pidChanged, process, servers };
  const meaning = classifyAnswer(text);
  if (meaning.kind === "unknown-command") throw buildUnsupportedError(target, command, process);
  if (meaning.kind === "accepted") return { ...shared, refusal: null, failure: null, notice: null };
  // A text never seen before is believed by its effect only.
  const noticed = meaning.kind === "notice" || (meaning.kind === "unclear" && isInEffect(change, answer));
  if (noticed) return { ...shared, refusal: null, failure: null, notice: text };
  const error = new DriverError({
    kind: "rejected",
    target,
    operation: command,
    message: `HAProxy refuses: ${text}`,
    advice: meaning.kind === "refused" ? meaning.advice : null,
  });
  return { ...shared, refusal: text, failure: describeFailure(error, target, command), notice: null };
}

function isInEffect(change: HaproxyChange, { servers }: ChangeAnswer): boolean {
  const found = servers.find(({ server }) => server === change.server);
  if (found === undefined) return false;
  switch (change.kind) {
    case "server-state":
      return found.state === change.state;
    case "server-weight":
      return found.weight === change.weight;
    case "shutdown-sessions":
      return false;
  }
}

/** Pids are used again after a restart; start times tell them apart where they are told (2.4+). */
export function isSameProcess(left: HaproxyProcess, right: HaproxyProcess): boolean {
  return left.pid === right.pid && left.startTimeSeconds === right.startTimeSeconds;
}

function buildUnsupportedError(target: string, operation: string, { version }: HaproxyProcess): DriverError {
  return new DriverError({
    kind: "unsupported",
    target,
    operation,
    message: `HAProxy ${version} does not know this command; nothing was changed.`,
    advice:
      "`set server` and `shutdown sessions` came with HAProxy 1.5. On 1.4 use `disable server`, `enable server` and `set weight` by hand.",
  });
}
