/**
 * Server text made safe for a terminal. HAProxy passes ESC and BEL bytes of a checked server through in every version, and MySQL
 * errors quote client input, so every text from outside goes through here before it is drawn or printed.
 */

const CONTROL_NAMES: Readonly<Record<number, string>> = {
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  13: "\\r",
  27: "\\e",
};

/** C0, DEL, C1, line and paragraph separators, zero-width and bidirectional controls, byte-order mark, lone surrogates. */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A sentence as it stands within another one: without its full stop. */
export function withoutStop(sentence: string): string {
  return sentence.replace(/(?<!\.)\.$/, "");
}

/** Returns the text with every control, bidirectional and zero-width character shown as an escape such as `\e` or `\u202e`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    const named = CONTROL_NAMES[code];
    if (named !== undefined) return named;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
