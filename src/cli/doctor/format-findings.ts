/** What the doctor found, for people: worst first, what, and what to do, within the width of the terminal. */
import type { DoctorFinding } from "../../doctor/finding.ts";
import type { Severity } from "../../model/alert.ts";
import { printable } from "../../model/printable.ts";
import type { Paint, Tone } from "../status/table.ts";

const WORDS: Readonly<Record<Severity, { readonly heading: string; readonly tone: Tone }>> = {
  critical: { heading: "CRITICAL", tone: "critical" },
  warning: { heading: "WARNING", tone: "warning" },
  info: { heading: "INFO", tone: "dim" },
};

/** Ends with a newline. */
export function formatFindings(
  findings: readonly DoctorFinding[],
  columns: number,
  paint: Paint,
  severalClusters: boolean,
): string {
  const lines: string[] = [];
  for (const severity of ["critical", "warning", "info"] as const) {
    const mine = mergeAlike(findings.filter((finding) => finding.severity === severity));
    if (mine.length === 0) continue;
    const { heading, tone } = WORDS[severity];
    lines.push(paint(heading, tone));
    for (const finding of mine) lines.push(...formatFinding(finding, columns, paint, severalClusters));
    lines.push("");
  }
  lines.push(summarize(findings));
  return `${lines.join("\n")}\n`;
}

function formatFinding(finding: DoctorFinding, columns: number, paint: Paint, severalClusters: boolean): string[] {
  const { code, cluster, message, breaks, fix } = finding;
  const where = severalClusters && cluster !== null ? `${cluster}: ` : "";
  const broken = breaks.length === 0 ? "" : ` Breaks ${breaks.join(", ")}.`;
  const [first = "", ...rest] = wrap(printable(`${code}  ${where}${message}${broken}`), columns - 4);
  const title = first.startsWith(code) ? `${paint(code, "strong")}${first.slice(code.length)}` : first;
  return [
    `  ${title}`,
    ...rest.map((line) => `    ${line}`),
    ...wrap(`→ ${printable(fix)}`, columns - 6).map((line, at) => (at === 0 ? `    ${line}` : `      ${line}`)),
  ];
}

/** The same said of several subjects is said once, with all of their names. */
export function mergeAlike(findings: readonly DoctorFinding[]): readonly DoctorFinding[] {
  const groups = new Map<string, DoctorFinding[]>();
  for (const finding of findings) {
    const { code, cluster, subject, message, breaks, fix } = finding;
    const without = (text: string) => text.replaceAll(wordOf(subject), "\0");
    const same = [code, cluster, without(message), breaks.join(), without(fix)];
    const key = JSON.stringify(same);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length === 1) return group;
    const names = group.map(({ subject }) => subject).join(", ");
    const named = (text: string) => text.replace(wordOf(first.subject), () => names);
    return [{ ...first, subject: names, message: named(first.message), fix: named(first.fix) }];
  });
}

/** The subject as a word of its own: `lb1` in the name of a file is none. */
function wordOf(subject: string): RegExp {
  return new RegExp(`(?<![\\w./-])${subject.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&")}(?![\\w/-]|\\.\\w)`, "g");
}

/** Cuts at blanks; a word longer than a line stands alone, because it is a command or a path that must stay whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function summarize(findings: readonly DoctorFinding[]): string {
  if (findings.length === 0) return "Nothing found: every action can work.";
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const [critical, warning, info] = [count("critical"), count("warning"), count("info")];
  const told = `${critical} critical, ${warning} ${warning === 1 ? "warning" : "warnings"}, ${info} for information.`;
  return `${told} docs/doctor.md explains every code.`;
}
