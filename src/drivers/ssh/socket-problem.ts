/**
 * Why a Unix socket on another host could not be opened. sshd says the same `open failed` for everything, so the host is asked once, by one
 * command that only looks. @see HAPROXY.md §8
 */
import type { Client } from "ssh2";
import type { SshProblem } from "./ssh-error.ts";

/** Above this the socket counts as full: HAProxy's default is 10 connections per process. */
const FULL_AT = 10;
const MAX_ANSWER_BYTES = 4_096;

/**
 * Entries of `/proc/net/unix` (number, count, protocol, flags, type, state, inode, path) whose path is this one. HAProxy binds `PATH.PID.tmp` and
 * renames the file, which does not show there.
 */
function buildCount(condition: string): string {
  const program = `{ q = \\$0; sub(/\\\\.[0-9]+\\\\.tmp\\$/, \\"\\", q); if (${condition} && substr(q, length(q) - length(p)) == \\" \\" p) n++ } END { print n + 0 }`;
  return `$(awk -v p="$1" "${program}" /proc/net/unix 2>/dev/null)`;
}

/** Runs in /bin/sh whatever the login shell is; holds no single quote. `$1` is the path. */
const SCRIPT = [
  "LC_ALL=C; export LC_ALL",
  'if test -S "$1"; then echo socket; elif test -e "$1"; then echo other; else echo none; fi',
  'if test -r "$1" && test -w "$1"; then echo allowed; else echo denied; fi',
  `n=${buildCount('\\$4 == \\"00010000\\"')}; echo "listening $n"`,
  `n=${buildCount('\\$4 == \\"00000000\\" && \\$6 == \\"03\\"')}; echo "connected $n"`,
  'echo "user $(id -un 2>/dev/null)"',
  'ls -ld -- "$1" 2>&1',
].join("; ");

/** One command line for the far shell; the path is the only thing in it that comes from outside. */
export function buildProbeCommand(path: string): string {
  return `/bin/sh -c '${SCRIPT}' signalbox '${path.replaceAll("'", "'\\''")}'`;
}

/** What the host says of the path; "" when it does not say anything in time (no shell, forced command, MaxSessions). */
export function probeSocket(client: Client, path: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const timer = setTimeout(() => resolve(answer), timeoutMs);
    const finish = (): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    try {
      client.exec(buildProbeCommand(path), (error, channel) => {
        if (error) return finish();
        channel.on("error", finish);
        channel.on("close", finish);
        channel.stderr.resume();
        channel.on("data", (chunk: Buffer) => {
          if (answer.length < MAX_ANSWER_BYTES) answer += chunk.toString("utf8");
        });
        channel.end();
      });
    } catch {
      finish();
    }
  });
}

/** @param answer of `probeSocket`; @param where `user@host:port` */
export function describeSocketProblem(answer: string, path: string, where: string): SshProblem {
  const says = (word: string): boolean => new RegExp(`^${word}$`, "m").test(answer);
  const count = (word: string): number => Number(new RegExp(`^${word} (\\d+)`, "m").exec(answer)?.[1] ?? 0);
  const user = /^user (\S+)/m.exec(answer)?.[1] ?? where.split("@")[0] ?? "";
  const on = `on ${where}`;
  if (/Permission denied/.test(answer) || (says("socket") && says("denied"))) {
    return {
      kind: "unreachable",
      message: `no permission to use ${path} ${on}.`,
      advice: `Put ${user} into the socket's group there, or set \`user\`, \`group\` and \`mode\` on HAProxy's \`stats socket\` line.`,
      code: "EACCES",
    };
  }
  if (says("none")) {
    return {
      kind: "unreachable",
      message: `there is no socket at ${path} ${on}.`,
      advice: "Check that HAProxy runs there and that the path is the one of its `stats socket` line.",
      code: "ENOENT",
    };
  }
  if (says("other")) {
    return {
      kind: "unreachable",
      message: `${path} ${on} is not a socket.`,
      advice: "Use the path of HAProxy's `stats socket` line.",
      code: "ENOTSOCK",
    };
  }
  if (says("socket") && count("listening") === 0 && /^listening \d/m.test(answer)) {
    return {
      kind: "unreachable",
      message: `nobody is seen to listen at ${path} ${on}.`,
      advice:
        "Check that HAProxy runs there; a socket file stays behind when HAProxy dies. One in a container is not seen: then its socket may be full (10), or AllowStreamLocalForwarding be off.",
      code: "ECONNREFUSED",
    };
  }
  if (says("socket") && count("connected") >= FULL_AT) {
    return {
      kind: "unreachable",
      message: `the admin socket ${path} ${on} is full (10): all its connections are in use.`,
      advice:
        "Close idle sessions on the socket (each socat or prompt holds one), or raise `stats maxconn` above its default of 10.",
      code: "EAGAIN",
    };
  }
  if (says("socket") && count("listening") > 0) {
    return {
      kind: "unreachable",
      message: `sshd ${on} does not forward to ${path}, although the socket is there and ${user} may use it.`,
      advice:
        "Set `AllowStreamLocalForwarding yes` in its sshd_config (AllowTcpForwarding and DisableForwarding forbid it too).",
      code: "FORWARDING_FORBIDDEN",
    };
  }
  return {
    kind: "unreachable",
    message: `${path} ${on} could not be opened, and sshd does not say why.`,
    advice:
      "No such socket, no permission, HAProxy is down or its socket full (10), or AllowStreamLocalForwarding is off there: look with `ls -l` on the host.",
    code: "OPEN_FAILED",
  };
}
