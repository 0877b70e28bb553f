/** Who else may answer on a port or socket given as HAProxy's: told from the first bytes, because some of them never close. */

interface ForeignProtocol {
  /** Completes "This is …". */
  readonly name: string;
  readonly advice: string;
  matches(head: Buffer): boolean;
}

const STATS_SOCKET = "Use the address of HAProxy's `stats socket` line";

const FOREIGN_PROTOCOLS: readonly ForeignProtocol[] = [
  {
    name: "a MySQL or MariaDB server",
    advice: `${STATS_SOCKET}, not the one clients connect to.`,
    // Greeting: three bytes of length, sequence 0, protocol 10 (or an error packet such as "Host is blocked").
    matches: (head) => head.length > 4 && head[2] === 0 && head[3] === 0 && (head[4] === 10 || head[4] === 0xff),
  },
  {
    name: "an HTTP server",
    advice: `${STATS_SOCKET}; a stats page is configured as \`stats: http://…\`.`,
    matches: (head) => /^(HTTP\/|<!doctype|<html)/i.test(startOf(head)),
  },
  { name: "an SSH server", advice: `${STATS_SOCKET}.`, matches: (head) => startOf(head).startsWith("SSH-") },
  {
    name: "a server that speaks TLS",
    advice: `${STATS_SOCKET}; the socket is spoken to without TLS.`,
    matches: (head) => head.length > 2 && (head[0] === 0x15 || head[0] === 0x16) && head[1] === 3,
  },
  { name: "a Redis server", advice: `${STATS_SOCKET}.`, matches: (head) => startOf(head).startsWith("-ERR") },
  { name: "a mail or FTP server", advice: `${STATS_SOCKET}.`, matches: (head) => /^\d{3}[ -]/.test(startOf(head)) },
  {
    name: "HAProxy's master socket, not the one of a worker",
    advice: `${STATS_SOCKET}, not the one given with \`-S\`.`,
    // The master knows `show proc` and not `show info`, and it never closes after the answer.
    matches: (head) => /^Unknown command[\s\S]*\n {2}show proc /m.test(head.toString("latin1")),
  },
];

export interface ForeignSpeaker {
  readonly name: string;
  readonly advice: string;
}

/** Who speaks these first bytes of an answer, when it is known not to be an HAProxy process; null when it may be one. */
export function detectForeignProtocol(head: Buffer): ForeignSpeaker | null {
  return FOREIGN_PROTOCOLS.find((protocol) => protocol.matches(head)) ?? null;
}

function startOf(head: Buffer): string {
  return head.toString("latin1", 0, 16);
}
