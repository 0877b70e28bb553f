/** What HAProxy says when it refuses a change, 1.4–3.4, and what to do about it. Its own words are always shown as they are. */

interface KnownRefusal {
  readonly pattern: RegExp;
  readonly advice: string;
}

const NOT_THERE = "Look at the servers HAProxy has now: the configuration may have changed with a reload.";

const REFUSALS: readonly KnownRefusal[] = [
  {
    pattern: /^Permission denied/,
    advice: "Changes need `level admin` on HAProxy's `stats socket` line; use a socket that has it.",
  },
  { pattern: /^(No such (backend|server|proxy)|Can't find backend)\./, advice: NOT_THERE },
  { pattern: /^Require 'backend\/server'/, advice: "Give the server as BACKEND/SERVER." },
  {
    pattern: /^Proxy is disabled\./,
    advice: "The backend is disabled, or an old worker of a reload answered: it only finishes its sessions. Try again.",
  },
  {
    pattern: /^Backend is using a static LB algorithm/,
    advice: "With this `balance` algorithm only 0 and the configured weight can be set; drain the server instead.",
  },
  {
    pattern: /^(Absolute weight can only be|Relative weight |Empty weight string|Require <weight>)/,
    advice: "Give a whole number from 0 to 256.",
  },
  {
    pattern: /tracking server/,
    advice: "This server follows another one (`track`): change the server it follows.",
  },
  {
    pattern: /^(agent checks are not enabled|Agent was not configured)/,
    advice: "The server line has no agent check.",
  },
  { pattern: /^'set server <srv>/, advice: "This HAProxy version does not know this change." },
  { pattern: /^This command is restricted|^Internal error|^Out of memory/i, advice: "See HAProxy's log." },
];

/** Answers to a command that the version does not have; help text follows. */
const UNKNOWN_COMMAND = /^Unknown command\b/;

/** Words HAProxy uses when it did what was asked, or had nothing to do. */
const NOTICES = /^(no need to change |IP changed from |port changed from |nothing changed)/i;

export type AnswerMeaning =
  | { readonly kind: "accepted" | "notice" | "unknown-command" | "unclear" }
  | { readonly kind: "refused"; readonly advice: string };

/** What the answer to a change means; `unclear` is any text that was never seen: only reading back can tell. */
export function classifyAnswer(text: string): AnswerMeaning {
  if (text === "") return { kind: "accepted" };
  if (UNKNOWN_COMMAND.test(text)) return { kind: "unknown-command" };
  if (NOTICES.test(text)) return { kind: "notice" };
  const known = REFUSALS.find(({ pattern }) => pattern.test(text));
  return known === undefined ? { kind: "unclear" } : { kind: "refused", advice: known.advice };
}
