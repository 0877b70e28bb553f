/** `operations show ID --markdown`: one operation as a report for an incident channel. */
import type { HandTask, OperationEntry } from "../../model/operation.ts";
import { formatMove } from "../../model/promotion-words.ts";
import type { OperationRecord } from "../../operations/journal/record.ts";
import { formatRoles } from "../change/format-roles.ts";
import { escapeMarkdown, formatBlock, formatCode, formatCodeCell, formatMarkdownTable } from "./markdown.ts";
import { describeGap, describePositions, describeWaysOn, selectByHand, selectPromotion } from "./writes.ts";

/** A channel is seldom wider. */
const WIDTH = 100;

const stamp = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;

function formatFacts(entry: OperationEntry, record: OperationRecord): string[] {
  const { id, cluster, operator, host, reason, startedAt, endedAt, state, summary, undoneBy } = entry;
  const gap = describeGap(entry, record);
  const promotion = selectPromotion(record);
  const end = endedAt === null ? "not ended" : `${stamp(endedAt)} (${((endedAt - startedAt) / 1000).toFixed(1)} s)`;
  const facts: readonly (readonly [string, string | null])[] = [
    ["Operation", formatCode(id)],
    ["Cluster", formatCode(cluster)],
    ["By", `${formatCode(operator)} on ${formatCode(host)}`],
    ["Reason", reason === null ? null : escapeMarkdown(reason)],
    ["Started", stamp(startedAt)],
    ["Ended", end],
    ["Result", `**${escapeMarkdown(state)}**: ${escapeMarkdown(summary)}`],
    ["Move", promotion === null ? null : escapeMarkdown(formatMove(promotion))],
    [promotion?.mode === "failover" ? "Opening the new primary took" : "Writes stopped for", gap],
    ["Known loss", promotion?.knownLoss == null ? null : escapeMarkdown(promotion.knownLoss)],
    ["Taken back by", undoneBy === null ? null : formatCode(undoneBy)],
  ];
  return facts.flatMap(([what, told]) => (told === null ? [] : [`- ${what}: ${told}`]));
}

function formatRolesPart(record: OperationRecord, head: string): string[] {
  const promotion = selectPromotion(record);
  if (promotion === null) return [];
  return [`${head} Roles as planned`, "", ...formatBlock(formatRoles(promotion, WIDTH)), ""];
}

const endSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

function formatGuardsPart({ plan }: OperationRecord, head: string): string[] {
  const told = (plan?.guards ?? []).filter(({ verdict }) => verdict !== "pass");
  if (told.length === 0) return [];
  const lines = told.map(({ guard, verdict, subject, message, advice }) => {
    const about = subject === "" ? "" : `, ${escapeMarkdown(subject)}`;
    const told = [message, advice].filter((text) => text !== "").map((text) => escapeMarkdown(endSentence(text)));
    return `- ${verdict.toUpperCase()} ${formatCode(guard)}${about}: ${told.join(" ")}`;
  });
  return [`${head} Guards that spoke`, "", ...lines, ""];
}

const PHASES: Readonly<Record<string, string>> = {
  intent: "sent, end not known",
  done: "done",
  failed: "FAILED",
  undone: "taken back",
};

/** Time of the last line about a step, and what it took since it was announced; steps of a write stop are all announced before its first. */
function formatTime(record: OperationRecord, number: number): string {
  const lines = record.lines.filter(({ step }) => step === number);
  const last = lines.at(-1);
  if (last === undefined) return "-";
  const begun = lines.findLast(({ phase }) => phase === "intent");
  const isStop = record.plan?.steps.find((step) => step.number === number)?.section === "write-stop";
  const took =
    begun === undefined || begun === last || isStop ? "" : ` (${Date.parse(last.at) - Date.parse(begun.at)} ms)`;
  return `${escapeMarkdown(last.at.slice(11, 23))}${took}`;
}

function formatStepsPart({ steps }: OperationEntry, record: OperationRecord, head: string): string[] {
  if (steps.length === 0) return [];
  const rows = steps.map(({ number, target, command, phase, message, error }) => {
    const outcome = phase === null ? "never sent" : (PHASES[phase] ?? phase);
    const told = error ?? message;
    return [
      String(number),
      formatTime(record, number),
      formatCodeCell(target),
      formatCodeCell(command),
      told === null || told === "" ? outcome : `${outcome}: ${escapeMarkdown(told)}`,
    ];
  });
  return [`${head} Steps`, "", ...formatMarkdownTable(["#", "UTC", "on", "command", "outcome"], rows), ""];
}

function formatPositionsPart(entry: OperationEntry, head: string): string[] {
  const positions = describePositions(entry);
  if (positions.length === 0) return [];
  return [`${head} Positions`, "", ...positions.map(({ what, at }) => `- ${what}: ${formatCode(at)}`), ""];
}

function formatTask({ subject, message, lines }: HandTask): string[] {
  const head = `- [ ] ${escapeMarkdown(subject)}: ${escapeMarkdown(message)}`;
  return [head, ...(lines.length === 0 ? [] : ["", ...formatBlock(lines).map((line) => `  ${line}`), ""])];
}

function formatRest(entry: OperationEntry, record: OperationRecord, head: string): string[] {
  const tasks = selectByHand(entry);
  const ways = describeWaysOn(entry, record);
  return [
    ...(tasks.length === 0 ? [] : [`${head} Left to do by hand`, "", ...tasks.flatMap(formatTask), ""]),
    ...(ways.length === 0 ? [] : [`${head} Ways on`, "", ...ways.map((way) => `- ${escapeMarkdown(way)}`), ""]),
  ];
}

/** The whole report, ended by a newline. @param level of its first heading: 2 inside a report of several */
export function formatReport(entry: OperationEntry, record: OperationRecord, level: 1 | 2 = 1): string {
  const head = "#".repeat(level + 1);
  const lines = [
    `${"#".repeat(level)} ${escapeMarkdown(entry.title)}`,
    "",
    ...formatFacts(entry, record),
    "",
    ...formatRolesPart(record, head),
    ...formatGuardsPart(record, head),
    ...formatStepsPart(entry, record, head),
    ...formatPositionsPart(entry, head),
    ...formatRest(entry, record, head),
  ];
  return `${lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}
