/** A program on another host, through the shared session. It only reads; sshd hands it to the login shell of the user, so every argument is quoted. */
import { setMaxListeners } from "node:events";
import type { Client, ClientChannel } from "ssh2";
import type { RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import type { CommandResult } from "../host/run-command.ts";
import { sessionLost } from "./channel.ts";
import { ProgramSlots } from "./program-slots.ts";
import { buildSshError } from "./ssh-error.ts";

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** As for a local program: without a login, programs of administrators are in no search path. */
const ENVIRONMENT = ["env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"];

/** One line for any shell: each argument in single quotes. */
export function buildRemoteCommand(argv: readonly string[]): string {
  return [...ENVIRONMENT, ...argv].map((argument) => `'${argument.replaceAll("'", "'\\''")}'`).join(" ");
}

const slots = new WeakMap<Client, ProgramSlots>();

function slotsOf(client: Client): ProgramSlots {
  const known = slots.get(client) ?? new ProgramSlots();
  slots.set(client, known);
  return known;
}

/**
 * @param where `user@host:port`, for errors
 * @throws DriverError, also when the session ends before the exit code is there: what came till then is no whole answer
 */
export function runOnClient(
  client: Client,
  argv: readonly string[],
  where: string,
  { signal, timeoutMs }: RequestBounds,
): Promise<CommandResult> {
  const program = argv[0] ?? "";
  return new Promise((resolve, reject) => {
    let channel: ClientChannel | null = null;
    let over = false;
    let giveBack: () => void = () => {};
    const finish = (settle: () => void): void => {
      over = true;
      giveBack();
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      client.off("close", onLost);
      channel?.close();
      settle();
    };
    const fail = (kind: "timeout" | "cancelled" | "unreachable" | "protocol", why: string): void => {
      const message = `${where}: ${program}: ${why}`;
      finish(() => reject(new DriverError({ kind, target: where, operation: program, message })));
    };
    const onAbort = (): void => fail("cancelled", "cancelled");
    const onLost = (): void => fail("unreachable", sessionLost().message);
    const timer = setTimeout(() => fail("timeout", `no answer within ${timeoutMs} ms`), timeoutMs);
    if (signal.aborted) return onAbort();
    // One for each program that runs or waits, and no more: not the leak that Node would warn of, on whatever screen there is.
    setMaxListeners(0, signal, client);
    signal.addEventListener("abort", onAbort, { once: true });
    client.once("close", onLost);
    const take = (error: Error | undefined, opened: ClientChannel): void => {
      if (error) {
        const advice = "A forced command, or MaxSessions in its sshd_config, may forbid it.";
        const problem = { kind: "unreachable", message: `it runs no command (${error.message}).`, advice } as const;
        finish(() => reject(buildSshError({ ...problem, code: "EXEC_REFUSED" }, where, where)));
        return;
      }
      channel = opened;
      if (over) {
        // It came too late: whoever waited has gone.
        opened.close();
        return;
      }
      collect(opened, (result) => {
        if (result === null) fail("protocol", "it printed too much");
        else if (result.exitCode === null) fail("unreachable", "it ended without an exit code");
        else finish(() => resolve(result));
      });
    };
    giveBack = slotsOf(client).take(() => {
      try {
        client.exec(buildRemoteCommand(argv), take);
      } catch (error) {
        fail("unreachable", error instanceof Error ? error.message : String(error));
      }
    });
    // It failed before there was anything to give back.
    if (over) giveBack();
  });
}

function collect(channel: ClientChannel, onEnd: (result: CommandResult | null) => void): void {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let bytes = 0;
  let exitCode: number | null = null;
  const take = (chunks: Buffer[]) => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_OUTPUT_BYTES) onEnd(null);
    else chunks.push(chunk);
  };
  const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString("utf8");
  channel.on("error", () => {});
  channel.on("data", take(stdout));
  channel.stderr.on("data", take(stderr));
  channel.on("exit", (code: number | null) => {
    exitCode = code;
  });
  channel.on("close", () => onEnd({ exitCode, stdout: text(stdout), stderr: text(stderr) }));
  // Without it the channel stays half open, and holds one of the host's sessions.
  channel.end();
}
