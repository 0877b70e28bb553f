/** What every kind of change works with: a session, its bounds, and the marks that tell what an error means. */

import type { Blocker } from "../../../model/operation.ts";
import type { MysqlChange, MysqlSeen, MysqlWriter } from "../../contract.ts";
import { DriverError } from "../../errors.ts";
import type { Progress } from "../bounds.ts";
import type { Login } from "../login.ts";
import type { WritingLink } from "../writing-link.ts";

export type ExecuteOptions = Parameters<MysqlWriter["execute"]>[1];

export interface Work {
  readonly target: string;
  readonly login: Login;
  readonly progress: Progress;
  readonly options: ExecuteOptions;
  /** Another connection, to look at other sessions and to end them. */
  readonly killer: WritingLink;
  /** Processlist ids of this writer's own sessions. */
  readonly ownIds: () => readonly number[];
  /** Who holds the statement up, as last seen; [] before the first look. */
  readonly blockers: () => readonly Blocker[];
  /** True once `interrupt` was called for this change. */
  readonly interrupted: () => boolean;
  /**
   * Sends what changes something: from now on an error may mean that it was done all the same.
   * @param shown the text without secrets
   */
  send(sql: string, shown?: string): Promise<void>;
}

/** What a kind of change did; `command` is what was sent, without secrets. */
export interface Performed {
  readonly command: string;
  /** Known already; what is read back afterwards is added. */
  readonly seen?: MysqlSeen;
  readonly notices?: readonly string[];
}

/** One kind of change. */
export type Perform<K extends MysqlChange["kind"]> = (
  work: Work,
  change: Extract<MysqlChange, { kind: K }>,
) => Promise<Performed>;

/** @throws DriverError when the caller gave up or interrupted it; for loops */
export function stopIfGivenUp({ progress, interrupted, target }: Work): void {
  if (progress.ended !== null) throw progress.ended;
  if (!interrupted()) return;
  const { operation } = progress;
  throw new DriverError({ kind: "cancelled", target, operation, message: `${target}: ${operation}: interrupted` });
}

/** Waits a moment between two looks. @throws DriverError as `stopIfGivenUp` */
export async function pause(work: Work, delayMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  stopIfGivenUp(work);
}
