/** Keys of recording (on live servers) and of the timeline (in a replay), as data. */
import type { KeyBinding } from "../key-binding.ts";

export const RECORD_KEYS: readonly KeyBinding[] = [
  {
    command: "record",
    argument: "file",
    keys: ["v"],
    panes: "all",
    group: "Record",
    title: "start or stop recording into a file",
    aliases: ["record", "video", "rec"],
  },
  {
    command: "record",
    argument: "save",
    keys: ["b"],
    panes: "all",
    group: "Record",
    title: "save the last 15 minutes (black box)",
    aliases: ["flight recorder", "dump", "last minutes"],
  },
  {
    command: "record",
    argument: "report",
    keys: [],
    panes: "all",
    group: "Record",
    title: "write a report of the last 15 minutes",
    aliases: ["incident report", "markdown", "postmortem"],
  },
];

const timeline = (
  keys: readonly string[],
  argument: string,
  title: string,
  more: Pick<KeyBinding, "hint" | "aliases"> = {},
): KeyBinding => ({ command: "replay", argument, keys, panes: "all", group: "Replay", title, ...more });

/** Bound in a replay only, where nothing can be marked: marks are for actions. */
export const REPLAY_KEYS: readonly KeyBinding[] = [
  timeline(["space"], "toggle", "play or pause", { hint: { word: "play/pause", rank: 1 }, aliases: ["stop"] }),
  timeline(["right", "."], "step 1", "step forward: next picture, or step of an operation", {
    hint: { word: "step", rank: 2 },
  }),
  timeline(["left", ","], "step -1", "step back"),
  timeline(["n"], "change 1", "jump to the next change", { hint: { word: "next change", rank: 3 } }),
  timeline(["N"], "change -1", "jump to the change before"),
  timeline(["+", "="], "speed 1", "faster", { hint: { word: "faster", rank: 4 } }),
  timeline(["-"], "speed -1", "slower"),
  timeline([">"], "skip 60000", "one minute on"),
  timeline(["<"], "skip -60000", "one minute back"),
  timeline(["0"], "start", "to the beginning of the recording", { aliases: ["home"] }),
  timeline(["$"], "end", "to the end of the recording"),
  {
    command: "replay-time",
    keys: ["t"],
    panes: "all",
    group: "Replay",
    title: "go to a time, such as 14:03:30, +90s or -2m",
    hint: { word: "time", rank: 6 },
    aliases: ["seek", "goto"],
  },
];
