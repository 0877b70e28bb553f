/** What `c` puts on the clipboard while a panel is open. */
import type { Plan } from "../../model/operation.ts";
import { safeText } from "../format/text.ts";
import { plainText } from "../paint.ts";
import { selectPanelLines } from "../selectors/panel-lines.ts";
import { targetOf } from "../selectors/plan-parts.ts";
import type { ConsoleState, Panel } from "./state.ts";
import { only, type Update, withMessage } from "./update.ts";

/** Wide enough that no line that is to be pasted somewhere is broken. */
const COPY_COLUMNS = 1_000;

function copy(state: ConsoleState, what: string, text: string): Update {
  return only(withMessage(state, `${what} copied, if the terminal allows it (OSC 52)`), { type: "copy", text });
}

/** The commands of a plan in their order, with their targets. */
export function copyCommands(state: ConsoleState, { steps, doneBefore }: Plan): Update {
  const sent = steps.filter(({ number }) => !doneBefore.includes(number));
  if (sent.length === 0) return only(withMessage(state, "the plan sends no command", "warning"));
  const lines = sent.map((step) => `${safeText(targetOf(step))}: ${safeText(step.command)}`);
  return copy(state, "commands", lines.join("\n"));
}

/** The panel as it stands, for a note or a chat. */
export function copyPanel(state: ConsoleState, panel: Panel): Update {
  const lines = selectPanelLines(state, panel, COPY_COLUMNS).map((line) => plainText(line).trimEnd());
  return copy(state, "panel", lines.join("\n").trim());
}
