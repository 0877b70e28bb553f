/** What an empty pane says in a replay, where nothing is being waited for. */
import { safeText } from "../format/text.ts";
import { selectSessionsNode } from "../selectors/tables.ts";
import { type ConsoleState, selectFeed } from "../state/state.ts";

/** @param told what it would say on live servers */
export function describeEmpty(state: ConsoleState, told: string): string {
  if (state.replay === null) return told;
  if (state.replay.snapshot === null) return "There is no picture of this moment that can be read.";
  switch (state.pane) {
    case "timeline":
      return "No state had changed up to this moment of the recording.";
    case "operations":
      return "No operation was recorded up to this moment.";
    case "sessions": {
      const node = selectSessionsNode(state);
      if (node === null || selectFeed(state).sessions?.node === node) return told;
      return `Sessions of ${safeText(node)} were not recorded: they are while somebody looks at them.`;
    }
    default:
      return told;
  }
}
