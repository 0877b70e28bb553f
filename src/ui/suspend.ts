/** Stops this process for the shell's job control and comes back when it is continued. */

/** A stop signal of our own takes effect before this, even when another thread gets it. */
const SETTLE_MS = 50;

/**
 * Sends the whole process group SIGSTOP's polite twin, as the terminal would for Ctrl-Z: under `npm run` the shell waits for the
 * whole group. In an orphaned group the kernel drops the signal; then this returns as if continued at once.
 */
export async function stopAndContinue(): Promise<void> {
  const listeners = process.listeners("SIGTSTP");
  for (const listener of listeners) process.off("SIGTSTP", listener);
  try {
    process.kill(0, "SIGTSTP");
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  } finally {
    for (const listener of listeners) process.on("SIGTSTP", listener);
  }
}
