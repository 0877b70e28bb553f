/** docs/keymap.md from the key table. A test compares the file with this; `npx vitest run --project unit -u test/unit/ui/keymap-doc.test.ts` writes it. */
import { KEYMAP, type KeyBinding, type KeyGroup, keyLabel, paneTitle } from "./keymap.ts";

const GROUPS: readonly { readonly group: KeyGroup; readonly title: string }[] = [
  { group: "Panes", title: "Panes and clusters" },
  { group: "Move", title: "Moving" },
  { group: "Look", title: "Looking" },
  { group: "Record", title: "Recording" },
  { group: "Program", title: "The program" },
  { group: "Replay", title: "In a replay" },
  { group: "Act", title: "Acting on servers" },
];

const INTRODUCTION = `# Keys of the console

Made from \`src/ui/keymap.ts\`; do not edit by hand.

Inside the console \`?\` lists the keys of the pane and searches them, and \`:\` finds every action by any of its names.
`;

const ACT_NOTE = `
These keys change servers. They are not bound in read-only mode. Their lower-case twins do nothing but say which key acts.
What has \`:\` for a key is found in the palette. They act on the marked rows, else on the selected one. A server of the HAProxy pane
means that server on all HAProxies.

Each opens a panel with the exact commands and what the guards say. A reversible plan runs on \`y\`, a disruptive one after the word
that the panel asks for was typed and Enter pressed; \`n\` and Esc leave. Keys that came before the panel was on screen, keys that repeat
because they are held down, and pastes never confirm. While an operation runs, Esc asks it to stop at the next safe point, and
\`1\`…\`6\` leave its panel while it goes on. \`c\` copies the commands of a plan, and the panel of an operation.

\`P\` and \`R\` take one node. Where the planned promotion is refused because the primary does not answer, \`f\` in its panel plans a
failover instead; where a failover would lose transactions that are known, \`l\` accepts that, and takes it back, each time with a new
plan. Past the point of no return Esc stops nothing any more: the promotion goes on to its end.
`;

const REPLAY_NOTE = `
These keys are bound on a recording only (\`signalbox replay FILE\`), beside those that look; \`Space\` marks nothing there, because marks are
for actions.
`;

const NOTES: Partial<Record<KeyGroup, string>> = { Act: ACT_NOTE, Replay: REPLAY_NOTE };

/** Markdown text of docs/keymap.md. */
export function buildKeymapDoc(): string {
  const sections = GROUPS.map(({ group, title }) => {
    const rows = KEYMAP.filter((binding) => binding.group === group).map(buildRow);
    return `\n## ${title}\n${NOTES[group] ?? ""}\n| key | does | in | also found as |\n|---|---|---|---|\n${rows.join("\n")}\n`;
  });
  return INTRODUCTION + sections.join("");
}

function buildRow(binding: KeyBinding): string {
  const keys = binding.keys.length === 0 ? "`:`" : binding.keys.map((key) => `\`${keyLabel(key)}\``).join(" ");
  const panes = binding.panes === "all" ? "every pane" : binding.panes.map(paneTitle).join(", ");
  return `| ${keys} | ${binding.title} | ${panes} | ${(binding.aliases ?? []).join(", ")} |`;
}
