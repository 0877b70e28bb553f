/** Reports of the mouse: SGR form (xterm mode 1006), and the byte form of terminals that know mode 1000 only. Source: xterm ctlseqs. */
import type { EpochMs } from "../../model/reading.ts";
import type { MouseEvent } from "./events.ts";

/** An SGR report that has begun. No key begins so: its rest is waited for however long it takes, for `M` alone would be an action. */
export const OPEN_SGR_MOUSE = /^\u001b\[<[0-9;]*$/;

/** Figures longer than this are no place on any screen. */
const SGR_FIGURES = /^(\d{1,4});(\d{1,5});(\d{1,5})$/;

const MOTION = 32;
const WHEEL = 64;
/** Buttons 8 to 11: back, forward and others. */
const FURTHER = 128;

const BUTTONS = ["left", "middle", "right", "none"] as const;

/** `CSI < code ; column ; row M|m`, without its `<` and its last byte. Null for what is no report, or of no use here. */
export function decodeSgrMouse(parameters: string, pressed: boolean, at: EpochMs): MouseEvent | null {
  const [, code, column, row] = SGR_FIGURES.exec(parameters) ?? [];
  return buildEvent(Number(code), Number(column), Number(row), pressed, at);
}

/** `CSI M` and three bytes, each 32 more than its figure. Of a release it does not tell the button. */
export function decodeByteMouse([code = 0, column = 0, row = 0]: Uint8Array, at: EpochMs): MouseEvent | null {
  const figure = code - 32;
  const isRelease = (figure & 3) === 3 && (figure & WHEEL) === 0;
  return buildEvent(figure, column - 32, row - 32, !isRelease, at);
}

/** The code has the button in bits 0 and 1, keys held in bits 2 to 4, then motion, wheel and further buttons. */
function buildEvent(code: number, column: number, row: number, pressed: boolean, at: EpochMs): MouseEvent | null {
  if (!(column >= 1 && row >= 1) || !(code >= 0 && code < FURTHER)) return null;
  const place = { type: "mouse", column, row, at } as const;
  const low = code & 3;
  // 66 and 67 are a wheel turned sideways.
  if (code & WHEEL) return low > 1 ? null : { ...place, action: low === 1 ? "wheel-down" : "wheel-up", button: "none" };
  const button = BUTTONS[low] ?? "none";
  return { ...place, action: code & MOTION ? "move" : pressed ? "press" : "release", button };
}
