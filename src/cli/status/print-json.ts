/** C1 controls (0x9b is CSI), DEL, bidirectional and zero-width characters: legal in JSON, not fit for a terminal. */
const UNPRINTABLE = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** JSON text that shows nothing on a terminal but what it says; equal after parsing. */
function escapeUnprintable(json: string): string {
  return json.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** One event of a stream: JSON on one line. */
export function formatJsonLine(value: unknown): string {
  return `${escapeUnprintable(JSON.stringify(value))}\n`;
}

/** JSON for people and pipes alike, ended by a newline. Server text is the same after parsing, and harmless before. */
export function printJson(value: unknown): string {
  return `${escapeUnprintable(JSON.stringify(value, null, 2))}\n`;
}
