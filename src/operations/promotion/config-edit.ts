/** The line of a server in haproxy.cfg as it has to become. */
import type { HaproxyServer } from "../../model/haproxy.ts";
import type { WrittenServer } from "../../model/written-server.ts";

/** What a server is to be after a reload; `active` and `backup` are not disabled. */
export type ServerRole = "active" | "backup" | "disabled";

/**
 * Two lines as of a diff with the place above them, where the file was read and the line is in it once; else what the line needs, in words. Nothing
 * where the line is already right.
 */
export function describeEdit(
  server: HaproxyServer,
  role: ServerRole,
  file: readonly WrittenServer[],
): readonly string[] {
  const [written, ...more] = file.filter((each) => each.backend === server.backend && each.server === server.server);
  if (written === undefined || more.length > 0) return [describeInWords(server.server, role)];
  const wanted = rewriteServerLine(written.text, role, server);
  if (wanted === written.text) return [];
  return [`# ${written.file}, line ${written.line}`, `- ${written.text}`, `+ ${wanted}`];
}

function describeInWords(server: string, role: ServerRole): string {
  return role === "active"
    ? `server ${server} …   # without \`backup\` and \`disabled\``
    : `server ${server} … ${role}`;
}

/** A word outside of quotes with the blanks before it, or a comment to the end of the line, as HAProxy cuts them. */
const WORD = /(\s*)(#.*$|(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s#"'\\])+)/g;
const ROLE_WORDS = new Set(["backup", "no-backup", "disabled", "enabled"]);

/** @param running as HAProxy has it: what the line does not say and HAProxy has comes from `default-server`, and has to be taken back on the line */
export function rewriteServerLine(
  text: string,
  role: ServerRole,
  running: Pick<HaproxyServer, "backup" | "adminReasons">,
): string {
  const words = [...text.matchAll(WORD)];
  // Behind `server`, its name and its address.
  const own = new Set(words.slice(3).map(([, , word = ""]) => word));
  const isDisabled = running.adminReasons?.includes("maint-config") === true;
  const inherits = (is: boolean, word: string, opposite: string) => is && !own.has(word) && !own.has(opposite);
  const added = [
    ...(role === "backup" && !inherits(running.backup, "backup", "no-backup") ? ["backup"] : []),
    ...(role === "active" && inherits(running.backup, "backup", "no-backup") ? ["no-backup"] : []),
    ...(role === "disabled" ? ["disabled"] : inherits(isDisabled, "disabled", "enabled") ? ["enabled"] : []),
  ];
  const isRight = (word: string) =>
    role === word || (role === "disabled" && (word === "backup" || word === "no-backup"));
  const kept = words.filter(([, , word = ""], at) => at < 3 || !ROLE_WORDS.has(word) || isRight(word));
  const isComment = ([, , word = ""]: RegExpMatchArray) => word.startsWith("#");
  const line = kept.filter((each) => !isComment(each)).map(([all]) => all);
  const comment = kept.filter(isComment).map(([all]) => all);
  const missing = added.filter((word) => !kept.slice(3).some(([, , each]) => each === word)).map((word) => ` ${word}`);
  return [...line, ...missing, ...comment].join("").trim();
}
