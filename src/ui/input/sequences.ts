/** Escape sequences of keys, as xterm, VT220, rxvt, Linux console and tmux send them. Source: xterm ctlseqs, terminfo of those terminals. */

/** Final byte of `CSI … X` and of `SS3 X`. */
const LETTER_KEYS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
  Z: "shift-tab",
};

/** First parameter of `CSI n ~`. */
const TILDE_KEYS: Readonly<Record<number, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};

/** rxvt: `CSI n ^` is with Ctrl, `CSI n $` with Shift. */
const RXVT_PREFIX: Readonly<Record<string, string>> = { "~": "", "^": "ctrl-", $: "shift-" };

/** xterm modifier parameter: 1 + (1 shift, 2 alt, 4 ctrl, 8 meta). */
function modifierPrefix(parameter: number | undefined): string {
  if (parameter === undefined || parameter < 2) return "";
  const bits = parameter - 1;
  return `${bits & 4 ? "ctrl-" : ""}${bits & 10 ? "alt-" : ""}${bits & 1 ? "shift-" : ""}`;
}

/** Key name of a CSI sequence given its parameter text and final character; null for anything that is no key (reports, focus, unknown). */
export function csiKey(parameters: string, final: string): string | null {
  if (!/^[0-9;]*$/.test(parameters)) return null;
  const numbers = parameters.split(";").map((part) => (part === "" ? Number.NaN : Number(part)));
  const modifier = numbers[1];
  const rxvt = RXVT_PREFIX[final];
  if (rxvt !== undefined) {
    const name = TILDE_KEYS[numbers[0] ?? Number.NaN];
    return name === undefined ? null : rxvt + modifierPrefix(modifier) + name;
  }
  // `CSI row ; column R` is a cursor report; only `CSI 1 ; modifier R` and plain `CSI R` can be F3.
  if (numbers.length > 2 || (parameters !== "" && numbers[0] !== 1)) return null;
  const name = LETTER_KEYS[final];
  if (name === undefined) return null;
  return name.startsWith("shift-") ? name : modifierPrefix(modifier) + name;
}

/** Key name of `SS3 X` (application mode); null when unknown. */
export function ss3Key(final: string): string | null {
  if (final === "M") return "enter";
  return final === "Z" ? null : (LETTER_KEYS[final] ?? null);
}

/** Name of a C0 byte or DEL. */
export function controlKey(byte: number): string {
  switch (byte) {
    case 0x00:
      return "ctrl-space";
    case 0x08:
    case 0x7f:
      return "backspace";
    case 0x09:
      return "tab";
    case 0x0a:
    case 0x0d:
      return "enter";
    case 0x1b:
      return "esc";
    default:
      return byte <= 0x1a ? `ctrl-${String.fromCharCode(byte + 0x60)}` : `ctrl-${String.fromCharCode(byte + 0x40)}`;
  }
}
