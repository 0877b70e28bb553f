/** Commands about the connection itself. */
import { accepted, type Command, say } from "./command.ts";

const unitsMs: Readonly<Record<string, number>> = { "": 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function parseDelayMs(text: string): number | null {
  const match = /^(\d+)(ms|s|m|h|)$/.exec(text);
  return match === null ? null : Number(match[1]) * (unitsMs[match[2] ?? ""] ?? 1000);
}

export const sessionCommands: readonly Command[] = [
  {
    words: ["operator"],
    help: "operator                                : lower the level of the current CLI session to operator",
    level: "operator",
    run: ({ session }) => {
      session.level = "operator";
      return accepted;
    },
  },
  {
    words: ["set", "severity-output"],
    help: "set severity-output [none|number|string]: set presence of severity level in feedback information",
    level: "user",
    run: ({ session }, [format]) => {
      if (format !== "none" && format !== "number" && format !== "string")
        return say("one of 'none', 'number', 'string' is a required argument");
      session.severity = format;
      return accepted;
    },
  },
  {
    words: ["set", "timeout"],
    help: "set timeout [cli] <delay>               : change a timeout setting",
    level: "user",
    run: ({ session }, [what, delay]) => {
      if (what !== "cli") return say("'set timeout' only supports 'cli'.");
      if (delay === undefined) return say("Expects an integer value.");
      const timeoutMs = parseDelayMs(delay);
      if (timeoutMs === null || timeoutMs < 1) return say("Invalid timeout value.");
      session.idleTimeoutMs = Math.min(timeoutMs, 2_147_483_647);
      return accepted;
    },
  },
  {
    words: ["user"],
    help: "user                                    : lower the level of the current CLI session to user",
    level: "user",
    run: ({ session }) => {
      session.level = "user";
      return accepted;
    },
  },
  {
    words: ["prompt"],
    help: "prompt                                  : toggle interactive mode with prompt",
    level: "user",
    run: ({ session }) => {
      session.prompt = !session.prompt;
      return accepted;
    },
  },
  {
    words: ["quit"],
    help: "quit                                    : disconnect",
    level: "user",
    run: ({ session }) => {
      session.closing = true;
      return "";
    },
  },
];
