/** The shape of a command of the runtime socket, and the little grammar they share. */
import type { Backend, Haproxy, ProxyServer, World } from "../world/state.ts";

export type CliLevel = "user" | "operator" | "admin";

/** What one connection remembers between commands. */
export interface CliSession {
  level: CliLevel;
  prompt: boolean;
  closing: boolean;
  idleTimeoutMs: number;
  severity: "none" | "number" | "string";
}

export interface CommandContext {
  readonly world: World;
  readonly haproxy: Haproxy;
  readonly session: CliSession;
}

export interface Command {
  /** Words that select it, e.g. `set server`. */
  readonly words: readonly string[];
  /** Line of the help text. */
  readonly help: string;
  readonly level: CliLevel;
  /** `words` are those after the selecting ones. The answer includes the line that ends it. */
  readonly run: (context: CommandContext, words: readonly string[]) => string;
}

/** Answer to a change that was accepted. */
export const accepted = "\n";

/** A refusal or a notice: the text and an empty line. */
export function say(text: string): string {
  return `${text}\n\n`;
}

function findNamed<T extends { id: number; name: string }>(items: readonly T[], name: string): T | undefined {
  return items.find((item) => (name.startsWith("#") ? String(item.id) === name.slice(1) : item.name === name));
}

export function findBackend(haproxy: Haproxy, name: string): Backend | undefined {
  return findNamed(haproxy.backends, name);
}

/** The server meant by `backend/server`, or the text HAProxy refuses it with. */
export function findServer(haproxy: Haproxy, address: string | undefined): ProxyServer | string {
  const slash = address?.indexOf("/") ?? -1;
  if (address === undefined || slash === -1) return "Require 'backend/server'.";
  const backend = findBackend(haproxy, address.slice(0, slash));
  if (backend === undefined) return "No such backend.";
  return findNamed(backend.servers, address.slice(slash + 1)) ?? "No such server.";
}
