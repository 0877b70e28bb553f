/** Parser for `show cli level` (1.9+): the level of the connection, one word. */
import type { HaproxyLevel } from "../../model/haproxy.ts";

/** Null when the version does not know the command (help text, or `Unknown command: …`). */
export function parseCliLevel(text: string): HaproxyLevel | null {
  switch (text.trim()) {
    case "admin":
      return "admin";
    case "operator":
      return "operator";
    case "user":
      return "user";
    default:
      return null;
  }
}
