/** The program as a process: real streams, signals and the exit code. No logic of commands. */
import { EXIT } from "./exit-codes.ts";
import { createProcessIo } from "./io.ts";
import { leaveLostTerminals, listTerminals } from "./leave-terminal.ts";
import { reportError, run } from "./main.ts";

/** A terminal that stopped reading must not keep a finished program alive. */
const LAST_WRITE_MS = 2000;

/** Runs the command line of this process and ends it. @param engineUrl start file of the engine's worker */
export async function start(engineUrl: URL): Promise<void> {
  const io = createProcessIo(engineUrl);
  const terminals = listTerminals();
  let isTerminalGone = false;

  /** A terminal that was closed: an operation stops at a safe point, and the exit code is still to come. */
  function stopOnLostTerminal(): void {
    if (isTerminalGone) return;
    isTerminalGone = true;
    io.requestStop();
  }

  /** `signalbox status | head` closes our output early: that is no error, and there is nobody left to tell. */
  function endOnClosedPipe(error: NodeJS.ErrnoException): void {
    if (error.code === "EIO") {
      stopOnLostTerminal();
      return;
    }
    // Nobody reads any more, and an operation is half-way: it goes on to its end, and the journal tells.
    if (io.isOutputHeld()) return;
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    // A full disk, say: told at the end.
  }

  /** Nobody may take half a result for a whole one. Of an operation the exit code is what became of the servers, as the journal tells it. */
  function judgeLostOutput(error: NodeJS.ErrnoException, exitCode: number): number {
    // What comes after the first failure fails because of it.
    const { code = "error" } = (process.stdout.errored ?? error) as NodeJS.ErrnoException;
    if (code === "EPIPE" || code === "EIO") return exitCode;
    io.stderr.write(`signalbox: standard output cannot be written (${code}): what was to be printed is not whole\n`);
    return exitCode === EXIT.ok && !io.wasOutputHeld() ? EXIT.notWritten : exitCode;
  }

  function leave(code: number): never {
    leaveLostTerminals(terminals);
    process.exit(code);
  }

  const endOnDefect = async (error: unknown): Promise<void> => {
    // The console puts the terminal back first, and fails with the same error then.
    if (process.listenerCount("uncaughtException") > 1) return;
    leave(await reportError(error, io));
  };
  process.stdout.on("error", endOnClosedPipe);
  process.stderr.on("error", endOnClosedPipe);
  process.on("uncaughtException", endOnDefect);
  process.on("unhandledRejection", endOnDefect);

  const exitCode = await run(process.argv.slice(2), io);
  // Not at the mercy of a socket that will not close; the empty write comes back when all before it has left.
  process.exitCode = exitCode;
  setTimeout(() => leave(exitCode), LAST_WRITE_MS).unref();
  process.stdout.write("", (error) => leave(error ? judgeLostOutput(error, exitCode) : exitCode));
}
