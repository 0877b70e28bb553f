/** Where the journal lives and who writes it. */
import { homedir, hostname, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** `$SIGNALBOX_STATE_DIR`, else `$XDG_STATE_HOME/signalbox/operations`, else `~/.local/state/signalbox/operations`. */
export function selectJournalDir(env: Environment, homeDir: string): string {
  const own = env.SIGNALBOX_STATE_DIR;
  if (own !== undefined && own !== "") return own;
  const state = env.XDG_STATE_HOME;
  // The XDG specification wants relative paths to be passed over.
  const base = state !== undefined && isAbsolute(state) ? state : join(homeDir, ".local", "state");
  return join(base, "signalbox", "operations");
}

/** Home of who runs this; who has none, such as a uid without a passwd entry, is at home in the root directory. */
export function selectHomeDir(env: Environment): string {
  try {
    return env.HOME ?? homedir();
  } catch {
    return "/";
  }
}

/** Who sits there: the login behind sudo where there is one. */
export function selectOperator(env: Environment): string {
  const behindSudo = env.SUDO_USER;
  if (behindSudo !== undefined && behindSudo !== "") return behindSudo;
  try {
    return userInfo().username;
  } catch {
    // A container may run under a uid without a passwd entry.
    return env.LOGNAME ?? env.USER ?? `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

export const selectHost = (): string => hostname();
