/** What the system's ssh says on its way out, in our words. Nothing else tells: its exit code is 255 for everything. */
import { printable } from "../../model/printable.ts";
import type { SshProblem } from "./ssh-error.ts";

interface Meaning extends Omit<SshProblem, "cause"> {
  readonly pattern: RegExp;
}

const MEANINGS: readonly Meaning[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    kind: "unreachable",
    code: "HOST_KEY_CHANGED",
    message: "the host key has changed.",
    advice:
      "Somebody may be listening in between. Compare the fingerprint on the host itself before you replace the line.",
  },
  {
    pattern: /REVOKED HOST KEY/i,
    kind: "unreachable",
    code: "HOST_KEY_REVOKED",
    message: "the host key is revoked.",
    advice: "Somebody may have stolen this key. Do not connect before the host has a new one.",
  },
  {
    pattern: /host key is known for|Host key verification failed/,
    kind: "unreachable",
    code: "HOST_KEY_UNKNOWN",
    message: "the host key is not known.",
    advice:
      "Compare the fingerprint on the host itself (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then add the host to known_hosts.",
  },
  {
    pattern: /Permission denied \(/,
    kind: "unreachable",
    code: "LOGIN_REFUSED",
    message: "the login was refused.",
    advice: "ssh asks for nothing here: unlock the key with `ssh-add`, and try `ssh -o BatchMode=yes` by hand.",
  },
  {
    pattern: /administratively prohibited/,
    kind: "unreachable",
    code: "FORWARDING_FORBIDDEN",
    message: "sshd does not forward this.",
    advice: "Set AllowTcpForwarding or AllowStreamLocalForwarding in its sshd_config, for this user at least.",
  },
  {
    pattern: /open failed: connect failed: Connection refused/,
    kind: "unreachable",
    code: "ECONNREFUSED",
    message: "connection refused behind it.",
    advice: "Nothing listens there: does the server run, and is this its port?",
  },
  {
    pattern: /open failed/,
    kind: "unreachable",
    code: "OPEN_FAILED",
    message: "what is behind it could not be opened.",
    advice: "No such socket, no permission, the server is down or its socket full (10), or forwarding is off there.",
  },
  {
    pattern: /Connection refused/,
    kind: "unreachable",
    code: "SSH_ECONNREFUSED",
    message: "connection refused.",
    advice: "Does sshd run there, and is this its port?",
  },
  {
    pattern: /timed out|not responding/i,
    kind: "timeout",
    code: "SSH_ETIMEDOUT",
    message: "no answer from the host.",
    advice: "Is the host up? A firewall that drops packets looks the same.",
  },
  {
    pattern: /Could not resolve hostname/,
    kind: "unreachable",
    code: "SSH_ENOTFOUND",
    message: "the host name is not known.",
    advice: "Check the name, HostName in the SSH configuration, and the name server.",
  },
  {
    pattern: /ENOENT|ssh: (?:command )?not found/,
    kind: "unreachable",
    code: "NO_SSH",
    message: "there is no ssh on this machine.",
    advice: "Install the OpenSSH client, or leave `ssh: {transport: builtin}`.",
  },
];

/** Meanings that say something of the server behind. */
const BEHIND: ReadonlySet<Meaning["code"]> = new Set(["ECONNREFUSED", "OPEN_FAILED"]);

/** What an ssh says that has lost its own way: the one that it jumps with writes to the same place, in the same words. */
const NO_WAY: Meaning = {
  pattern: /open failed/,
  kind: "unreachable",
  code: "SSH_NO_WAY",
  message: "a host on the way to it cannot reach the next one.",
  advice: "Does sshd run there, and does the host before it forward to it (AllowTcpForwarding, PermitOpen)?",
};

/**
 * @param words what ssh wrote; @param destination what was to be reached
 * @param hasEnded whether the ssh itself is gone. One whose destination refuses lives on: only then the refusal is that of the server behind it, and may
 * be the proof that it is dead.
 */
export function describeOpensshEnd(
  words: string,
  destination: string,
  { where, hasEnded }: { readonly where: string; readonly hasEnded: boolean },
): SshProblem {
  const meant = MEANINGS.find(({ pattern }) => pattern.test(words));
  const known = hasEnded && meant !== undefined && BEHIND.has(meant.code) ? NO_WAY : meant;
  const lines = words.split("\n").filter((line) => line.trim() !== "" && !KEY_SHOWN.test(line));
  const last = printable(lines.at(-1)?.trim() ?? "");
  const said = last === "" ? "" : ` ssh says: ${last}`;
  if (known !== undefined) {
    const { kind, code, message, advice } = known;
    const key = code?.startsWith("HOST_KEY_") === true ? describeKey(words, message) : null;
    return { kind, code, message: key ?? `${message} (${destination})${said}`, advice };
  }
  const message = `ssh ended before ${destination} was reached.${said}`;
  return { kind: "unreachable", code: "SSH_ENDED", message, advice: `Try \`ssh -o BatchMode=yes ${where}\` by hand.` };
}

const KEY_SHOWN = /^debug1: Server host key: (\S+ SHA256:\S+)$/;
const KEY_NAME = /host key (?:is known )?for (\S+) (?:and you|has changed|was revoked)/i;
const KEY_LINE = /^Offending \S+ key in (.*:\d+)$/m;

/** Whose key it is, its fingerprint, and the line it differs from; the host before shows its own first. Null where ssh does not tell. */
function describeKey(words: string, message: string): string | null {
  const shown = words.split("\n").flatMap((line) => KEY_SHOWN.exec(line.trim())?.[1] ?? []);
  const name = KEY_NAME.exec(words)?.[1];
  if (name === undefined || shown.length === 0) return null;
  const line = KEY_LINE.exec(words)?.[1];
  const other = line === undefined ? "" : `, and ${line} has another`;
  return printable(
    `${message.replace("the host key", `the host key of ${name}`).replace(/\.$/, "")}: it shows ${shown.at(-1)}${other}.`,
  );
}
