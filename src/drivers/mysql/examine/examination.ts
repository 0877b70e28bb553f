/** What only the doctor asks of a node, beside its preflight: whose clock it has, and whether its read_only outlives a restart. */
import type { Asking } from "../asking.ts";
import { ask } from "../asking.ts";
import { selectInspection } from "../dialects/inspecting.ts";
import { textOf } from "../rows.ts";

/** `file`: configuration file, command line or persisted; `run-time`: SET GLOBAL, lost at a restart; `default`: nobody set it. */
export type SettingOrigin = "file" | "run-time" | "default";

/** UTC, because an hour of summer time happens twice. MySQL 5.5 has no fractions: half a second is as near as it gets. */
const clockForms = [
  { sql: "SELECT UTC_TIMESTAMP(6) AS now", columns: 0 },
  { sql: "SELECT UTC_TIMESTAMP() AS now", columns: 500 },
];

/** The node's clock less ours in milliseconds, as of the middle of the round trip; null when it does not tell. */
export async function readClockOffsetMs(asking: Asking, now: () => number): Promise<number | null> {
  const sentAt = now();
  const answer = await ask(asking, { name: "clock", privilege: null }, clockForms);
  const receivedAt = now();
  const [row] = answer?.rows ?? [];
  const serverMs = row === undefined ? null : parseUtc(textOf(row, "now"));
  return serverMs === null ? null : Math.round(serverMs + (answer?.columns ?? 0) - (sentAt + receivedAt) / 2);
}

/** `2026-11-21 00:01:15.123456` in milliseconds since the Unix epoch. */
function parseUtc(text: string | null): number | null {
  const ms = text === null ? Number.NaN : Date.parse(`${text.slice(0, 23).replace(" ", "T")}Z`);
  return Number.isNaN(ms) ? null : ms;
}

/** Null where the server does not tell where a setting comes from. */
export async function readReadOnlyOrigin(asking: Asking): Promise<SettingOrigin | null> {
  const { readOnlyOrigin } = selectInspection(asking.login.identity.flavor, asking.login.identity.version);
  if (readOnlyOrigin === null) return null;
  const part = { name: "origin of read_only", privilege: "SELECT ON performance_schema.*" };
  // Not being told is one of the answers.
  const answer = await ask({ ...asking, problems: [] }, part, [{ sql: readOnlyOrigin, columns: null }]);
  const origins = answer?.rows.map((row) => parseOrigin(textOf(row, "origin"))) ?? [];
  // super_read_only outlives read_only only where both do.
  return origins.find((origin) => origin === "run-time") ?? origins.find((origin) => origin !== null) ?? null;
}

/** MySQL 8 `VARIABLE_SOURCE`, MariaDB `GLOBAL_VALUE_ORIGIN`. */
export function parseOrigin(word: string | null): SettingOrigin | null {
  switch (word?.toUpperCase()) {
    case "DYNAMIC":
    case "SQL":
      return "run-time";
    case "COMPILED":
    case "COMPILE-TIME":
      return "default";
    case "GLOBAL":
    case "SERVER":
    case "EXPLICIT":
    case "EXTRA":
    case "USER":
    case "LOGIN":
    case "COMMAND_LINE":
    case "PERSISTED":
    case "CONFIG":
    case "COMMAND-LINE":
    case "ENVIRONMENT":
    case "AUTO":
      return "file";
    default:
      return null;
  }
}
