/** One kept connection of a writer: opened on demand, one call at a time, each within its own bounds. */
import type { SslOptions } from "mysql2";
import type { RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { type Progress, runBounded } from "./bounds.ts";
import { isStatementError } from "./failure.ts";
import { type Login, logIn } from "./login.ts";
import { numberOf } from "./rows.ts";
import type { SessionKind } from "./session-kind.ts";
import type { MysqlTarget } from "./target.ts";

export interface WritingLink {
  /** Runs `work` on a session that just answered. Rejects with what `work` threw, or with the DriverError of the bounds. */
  run<T>(bounds: RequestBounds, work: (login: Login, progress: Progress) => Promise<T>): Promise<T>;
  /** Processlist id of the kept session; null while there is none. */
  connectionId(): number | null;
  close(): void;
}

export interface WritingLinkOptions {
  readonly target: MysqlTarget;
  readonly description: string;
  readonly buildTls: () => Promise<SslOptions | null>;
  readonly kind: SessionKind;
}

export function createWritingLink({ target, description, buildTls, kind }: WritingLinkOptions): WritingLink {
  let kept: Login | null = null;
  let keptId: number | null = null;
  let last: Promise<void> = Promise.resolve();
  let closed = false;

  const prepare = async (progress: Progress): Promise<Login> => {
    if (kept !== null && (await answers(kept, progress))) return kept;
    stopIfEnded(progress);
    const login = await logIn(target, await buildTls(), progress, kind);
    progress.cancel = (reason) => login.connection.destroy(reason);
    const id = await readConnectionId(login);
    progress.hint = null;
    if (closed || progress.ended !== null) {
      login.connection.destroy();
      throw progress.ended ?? closedError(description);
    }
    kept = login;
    keptId = id;
    return login;
  };

  return {
    run: (bounds, work) => {
      if (closed) return Promise.reject(closedError(description));
      const before = last;
      const result = runBounded(description, bounds, async (progress) => {
        progress.operation = "wait for the change before";
        progress.hint = "Another change to this node is still running; nothing was sent.";
        await before;
        // Whoever waited too long must not send any more: its caller was told that nothing was sent.
        stopIfEnded(progress);
        if (closed) throw closedError(description);
        const login = await prepare(progress);
        stopIfEnded(progress);
        return work(login, progress);
      });
      const ended = result.then(
        () => undefined,
        () => undefined,
      );
      // A call that gave up while it waited ends before the one it waited for: the next one waits for both.
      last = before.then(() => ended);
      return result;
    },
    connectionId: () => (kept?.connection.usable === true ? keptId : null),
    close: () => {
      closed = true;
      kept?.connection.destroy();
    },
  };
}

const connectionIdStatement = "SELECT CONNECTION_ID() AS id";

async function readConnectionId({ connection }: Login): Promise<number | null> {
  const [row] = await connection.query(connectionIdStatement);
  return row === undefined ? null : numberOf(row, "id");
}

/** A connection that was cut while it was idle must be found before a change is sent, not by it. */
async function answers({ connection }: Login, progress: Progress): Promise<boolean> {
  if (!connection.usable) return false;
  progress.cancel = (reason) => connection.destroy(reason);
  try {
    await connection.query(connectionIdStatement);
    return true;
  } catch (error) {
    if (isStatementError(error)) connection.destroy();
    return false;
  }
}

function stopIfEnded({ ended }: Progress): void {
  if (ended !== null) throw ended;
}

function closedError(target: string): DriverError {
  const message = `${target}: the writer is closed`;
  return new DriverError({ kind: "cancelled", target, operation: "connect", message });
}
