/** The recorded answers of test/fixtures/haproxy, put together as one connection would give them. */
import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../../../fixtures/haproxy/", import.meta.url);

/** Versions there are recordings of, e.g. `2.6.12`. */
export const RECORDED_VERSIONS: readonly string[] = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

export function readRecording(version: string, file: string): string {
  return readFileSync(new URL(`${version}/${file}`, FOLDER), "utf8");
}

/** Answer to each command of a line such as `show info;show stat`, one after the other. */
export function replay(version: string, line: string): string {
  return line
    .split(";")
    .map((command) => replayCommand(version, command))
    .join("");
}

function replayCommand(version: string, command: string): string {
  switch (command) {
    case "show info":
      return readRecording(version, "show-info.txt");
    case "show servers state":
      return readRecording(version, "show-servers-state.txt");
    case "show stat":
      return readRecording(version, "show-stat.csv");
    default: {
      const replies = readRecording(version, "replies.txt");
      const start = replies.indexOf(`> ${command}\n`);
      if (start < 0) throw new Error(`no recording of "${command}" for ${version}`);
      const from = start + command.length + 3;
      return replies.slice(from, replies.indexOf("\n--\n", from));
    }
  }
}

/** Every recorded reply of this version, with the line ends it came with. */
export function listReplies(version: string): readonly string[] {
  const commands = readRecording(version, "replies.txt").matchAll(/^> (.*)$/gm);
  return [...commands].map(([, command = ""]) => replayCommand(version, command));
}
