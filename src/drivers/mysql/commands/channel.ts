/** Where the name of a channel goes. */
import type { MysqlChange } from "../../contract.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { quoteText, refuse } from "./quote.ts";

export type ChannelChange = Extract<MysqlChange, { readonly channel: string }>;

const MAX_LENGTH = 64;

/** `after`: right after the first words of the statement; `atEnd`: at its end. Both begin with a blank unless they are empty. */
export function buildChannelWords(
  change: ChannelChange,
  { name, writing }: Dialect,
): { readonly after: string; readonly atEnd: string } {
  const channel = quoteText(change, "channel name", change.channel, MAX_LENGTH);
  switch (writing.channel) {
    case "for-channel":
      return { after: "", atEnd: ` FOR CHANNEL ${channel}` };
    case "after-word":
      return { after: change.channel === "" ? "" : ` ${channel}`, atEnd: "" };
    case "none":
      if (change.channel !== "") throw refuse(change, "unsupported", `A ${name} server has no named channels.`);
      return { after: "", atEnd: "" };
  }
}

/** Last argument of the functions that wait for coordinates; empty where the only channel is meant. */
export function buildChannelArgument(change: ChannelChange, dialect: Dialect): string {
  buildChannelWords(change, dialect);
  const named = dialect.writing.channel === "for-channel" || change.channel !== "";
  return named ? `, ${quoteText(change, "channel name", change.channel, MAX_LENGTH)}` : "";
}
