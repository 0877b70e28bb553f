/** Names with a form of their own. All throw TextError. */
import { parseName } from "./decode/scalar.ts";
import { parseHost, parsePort } from "./parse-address.ts";
import { TextError } from "./text-error.ts";

/** A node name: a target is `NODE` or `BACKEND/SERVER`, so a node name has no slash. */
export function parseNodeName(written: string): string {
  if (written.includes("/"))
    throw new TextError("has a slash", "BACKEND/SERVER names a HAProxy server, a node has a plain name");
  return parseName(written);
}

/** `backend/server`. */
export function parseServerPath(written: string): string {
  if (!/^[^/\s]+\/[^/\s]+$/.test(written))
    throw new TextError("is not a server", "write backend/server, such as write_nodes/db1");
  return parseName(written);
}

/** `schema.table`, both plain identifiers: the name goes into a statement. */
export function parseTableName(written: string): string {
  if (!/^[A-Za-z0-9_$]{1,64}\.[A-Za-z0-9_$]{1,64}$/.test(written)) {
    throw new TextError(
      "is not a table name",
      "write schema.table in letters, digits, _ and $, such as percona.heartbeat",
    );
  }
  return written;
}

/** `[user@]host[:port]`, optionally with `ssh://` before it. */
export function parseSshTarget(written: string): string {
  const target = written.replace(/^ssh:\/\//, "").replace(/\/$/, "");
  const match = /^(?:([A-Za-z0-9_.][A-Za-z0-9_.-]*)@)?(\[[^\]]+\]|[^:@/\s]+)(?::(\d+))?$/.exec(target);
  if (match === null) throw new TextError("is not an SSH target", "write user@host or user@host:port");
  parseHost(match[2] ?? "");
  if (match[3] !== undefined) parsePort(match[3]);
  return target;
}
