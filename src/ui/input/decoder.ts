/**
 * Terminal bytes to input events. Ink's own `useInput` cannot tell function keys, gives `gg` as one string and has no mouse, so the
 * program reads stdin itself. Sequences may be split at any byte; a lone ESC is only known to be the Esc key when nothing follows
 * it for a while, so the owner calls `flush` after `ESCAPE_WAIT_MS` without input.
 */
import type { EpochMs } from "../../model/reading.ts";
import type { InputEvent } from "./events.ts";
import { decodeByteMouse, decodeSgrMouse, OPEN_SGR_MOUSE } from "./mouse.ts";
import { controlKey, csiKey, ss3Key } from "./sequences.ts";

/** How long to wait for the rest of an escape sequence, ms. Longer than one network hop's jitter, shorter than a person notices. */
export const ESCAPE_WAIT_MS = 60;

/** A paste beyond this many bytes is cut: text fields are short, and memory must not grow with what a terminal sends. */
const PASTE_LIMIT_BYTES = 65_536;
/** A control string (OSC, DCS…) or CSI that grows beyond this is garbage, not a report. */
const SEQUENCE_LIMIT_BYTES = 4_096;

/** A sequence whose rest is late (a slow link) is still waited for this long, ms. */
const LATE_TAIL_MS = 1_000;
/** What follows the ESC of a key. Arriving in one piece shortly after a lone ESC it is the late tail of an arrow, not `[` and `D`: `D` is an action. */
const LATE_TAIL = /^(?:\[M[\s\S]{3}|\[<?[0-9;]*[A-Za-z~]|O[A-Z])/;
/** Longer than any report of a mouse, bytes. */
const LONGEST_MOUSE = 64;

const ESC = 0x1b;
const BEL = 0x07;
const LETTER_M = 0x4d;
const SMALL_M = 0x6d;
const LESS_THAN = 0x3c;
const PASTE_START = "200";
const PASTE_END = Buffer.from("\x1b[201~", "latin1");

/** Result of looking at the head of the buffer: how many bytes it took, 0 when more are needed. */
interface Step {
  readonly consumed: number;
  readonly event: InputEvent | null;
  readonly startsPaste?: boolean;
}

const INCOMPLETE: Step = { consumed: 0, event: null };

export interface KeyDecoder {
  /** Takes bytes as they arrive and returns the events that are complete. */
  push(bytes: Uint8Array, at: EpochMs): InputEvent[];
  /** Nothing came for ESCAPE_WAIT_MS: a lone ESC is the Esc key; a longer start is waited for a second. Call again while `pending`. */
  flush(at: EpochMs): InputEvent[];
  /** True while bytes wait that only time or more bytes can explain. */
  readonly pending: boolean;
}

export function createKeyDecoder(): KeyDecoder {
  let buffer = Buffer.alloc(0);
  let paste: Buffer | null = null;
  let loneEscapeAt: EpochMs | null = null;
  let bracketTold = false;
  let sequenceSince: EpochMs | null = null;

  /** Called with new bytes at hand: what follows a lone ESC soon after it may be the rest of a sequence. */
  function dropLateTail(at: EpochMs): void {
    if (loneEscapeAt === null) return;
    const told = bracketTold ? "[" : "";
    const text = at - loneEscapeAt <= LATE_TAIL_MS ? told + buffer.toString("latin1", 0, LONGEST_MOUSE) : "";
    // A `[` alone may be a person's: it is told as one, and remembered until the next byte shows what it was.
    bracketTold = text === "[";
    if (bracketTold) return;
    loneEscapeAt = null;
    if (told !== "" && !text.startsWith("[<")) return;
    const tail = LATE_TAIL.exec(text);
    if (tail !== null) buffer = buffer.subarray(tail[0].length - told.length);
    else if (OPEN_SGR_MOUSE.test(`\u001b${text}`)) buffer = Buffer.from(`\u001b${text}`, "latin1");
  }

  /** True while nothing but more bytes can end what has begun. */
  function isOpenMouse(): boolean {
    return buffer.length < LONGEST_MOUSE && OPEN_SGR_MOUSE.test(buffer.toString("latin1"));
  }

  function flush(at: EpochMs): InputEvent[] {
    if (buffer.length === 0 || paste !== null || isOpenMouse()) return [];
    if (buffer.length > 1) {
      sequenceSince ??= at;
      if (at - sequenceSince < LATE_TAIL_MS) return [];
    }
    sequenceSince = null;
    const events = drain(at, true);
    const last = events.at(-1);
    if (last?.type === "key" && last.key === "esc") loneEscapeAt = at;
    return events;
  }

  function takePaste(at: EpochMs): InputEvent | null {
    const end = buffer.indexOf(PASTE_END);
    // Keep the last bytes: the end mark may be split.
    const taken = end >= 0 ? end : Math.max(0, buffer.length - PASTE_END.length + 1);
    const room = PASTE_LIMIT_BYTES - (paste?.length ?? 0);
    paste = Buffer.concat([paste ?? Buffer.alloc(0), buffer.subarray(0, Math.min(taken, Math.max(0, room)))]);
    buffer = buffer.subarray(end >= 0 ? end + PASTE_END.length : taken);
    if (end < 0) return null;
    const text = paste.toString("utf8");
    paste = null;
    return { type: "paste", text, at };
  }

  function drain(at: EpochMs, final: boolean): InputEvent[] {
    const events: InputEvent[] = [];
    while (buffer.length > 0) {
      if (paste !== null) {
        const event = takePaste(at);
        if (event === null) break;
        events.push(event);
        continue;
      }
      let step = decodeHead(buffer, at);
      if (step.consumed === 0) {
        if (!final) break;
        step = decodeAsTyped(buffer, at);
      }
      buffer = buffer.subarray(step.consumed);
      if (step.startsPaste) paste = Buffer.alloc(0);
      if (step.event !== null) events.push(step.event);
    }
    return events;
  }

  return {
    push(bytes, at) {
      buffer = buffer.length === 0 ? Buffer.from(bytes) : Buffer.concat([buffer, bytes]);
      dropLateTail(at);
      sequenceSince = null;
      return drain(at, false);
    },
    flush,
    get pending() {
      return buffer.length > 0 && paste === null && !isOpenMouse();
    },
  };
}

function key(name: string, at: EpochMs, text: string | null = null): InputEvent {
  return { type: "key", key: name, text, at };
}

function decodeHead(buffer: Buffer, at: EpochMs): Step {
  const first = buffer[0] ?? 0;
  if (first === ESC) return decodeEscape(buffer, at);
  if (first < 0x20 || first === 0x7f) return { consumed: 1, event: key(controlKey(first), at) };
  return decodeCharacter(buffer, at);
}

function decodeCharacter(buffer: Buffer, at: EpochMs): Step {
  const first = buffer[0] ?? 0;
  const length = first < 0x80 ? 1 : first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || first >= 0xf5) return { consumed: 1, event: null };
  for (let index = 1; index < length; index++) {
    const byte = buffer[index];
    if (byte === undefined) return INCOMPLETE;
    if ((byte & 0xc0) !== 0x80) return { consumed: index, event: null };
  }
  const text = buffer.toString("utf8", 0, length);
  return { consumed: length, event: text === "\ufffd" ? null : key(text === " " ? "space" : text, at, text) };
}

function decodeEscape(buffer: Buffer, at: EpochMs): Step {
  const second = buffer[1];
  if (second === undefined) return INCOMPLETE;
  switch (String.fromCharCode(second)) {
    case "[":
      return decodeCsi(buffer, at);
    case "O":
      return decodeSs3(buffer, at);
    case "]":
    case "P":
    case "_":
    case "^":
    case "X":
      return decodeControlString(buffer);
    default:
      return decodeAlt(buffer, at);
  }
}

/** ESC before another key: Alt, or Esc and then a key typed fast; terminals send the same bytes, Alt is the common reading. */
function decodeAlt(buffer: Buffer, at: EpochMs): Step {
  if (buffer[1] === ESC) return { consumed: 1, event: key("esc", at) };
  const inner = decodeHead(buffer.subarray(1), at);
  if (inner.consumed === 0) return INCOMPLETE;
  const event = inner.event?.type === "key" ? key(`alt-${inner.event.key}`, at) : null;
  return { consumed: inner.consumed + 1, event };
}

function decodeSs3(buffer: Buffer, at: EpochMs): Step {
  const final = buffer[2];
  if (final === undefined) return INCOMPLETE;
  const name = ss3Key(String.fromCharCode(final));
  return name === null ? { consumed: 2, event: key("alt-O", at) } : { consumed: 3, event: key(name, at) };
}

function decodeCsi(buffer: Buffer, at: EpochMs): Step {
  // Linux console: F1–F5 are CSI [ A…E, the one form whose second bracket is not a final byte.
  if (buffer[2] === 0x5b) {
    if (buffer[3] === undefined) return INCOMPLETE;
    const number = buffer[3] - 0x40;
    return { consumed: 4, event: number >= 1 && number <= 5 ? key(`f${number}`, at) : null };
  }
  if (buffer[2] === LETTER_M) return decodeBytes(buffer, at);
  if (buffer[2] === LESS_THAN) return decodeSgr(buffer, at);
  let end = 2;
  while (end < buffer.length && isCsiInside(buffer[end] ?? 0)) end++;
  const finalByte = buffer[end];
  if (finalByte === undefined)
    return buffer.length > SEQUENCE_LIMIT_BYTES ? { consumed: buffer.length, event: null } : INCOMPLETE;
  // A byte that cannot end a CSI: drop the broken sequence, look at this byte anew.
  if (finalByte < 0x40 || finalByte > 0x7e) {
    // rxvt's `CSI 5 $` ends with an intermediate byte.
    return { consumed: end, event: null };
  }
  return interpretCsi(buffer.toString("latin1", 2, end), String.fromCharCode(finalByte), end + 1, at);
}

function isCsiInside(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x3f;
}

function interpretCsi(parameters: string, final: string, consumed: number, at: EpochMs): Step {
  if (final === "~" && parameters === PASTE_START) return { consumed, event: null, startsPaste: true };
  const name = csiKey(parameters, final);
  return { consumed, event: name === null ? null : key(name, at) };
}

/** `CSI <` up to its M or m. Any other byte ends it unfinished and is looked at anew: it may be a key. */
function decodeSgr(buffer: Buffer, at: EpochMs): Step {
  let end = 3;
  while (end < buffer.length && isSgrInside(buffer[end] ?? 0)) end++;
  const last = buffer[end];
  if (last === undefined) return end < LONGEST_MOUSE ? INCOMPLETE : { consumed: end, event: null };
  if (last !== LETTER_M && last !== SMALL_M) return { consumed: end, event: null };
  return { consumed: end + 1, event: decodeSgrMouse(buffer.toString("latin1", 3, end), last === LETTER_M, at) };
}

function isSgrInside(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x3b;
}

function decodeBytes(buffer: Buffer, at: EpochMs): Step {
  const figures = buffer.subarray(3, 6);
  // A control byte is no figure: the start was no report of a mouse.
  if (figures.some((byte) => byte < 0x20)) return { consumed: 3, event: null };
  return figures.length < 3 ? INCOMPLETE : { consumed: 6, event: decodeByteMouse(figures, at) };
}

/** OSC, DCS, APC, PM, SOS: answers of the terminal to questions; never keys. Ended by BEL or ST. */
function decodeControlString(buffer: Buffer): Step {
  for (let index = 2; index < buffer.length; index++) {
    if (buffer[index] === BEL) return { consumed: index + 1, event: null };
    if (buffer[index] === ESC) {
      if (buffer[index + 1] === undefined) return INCOMPLETE;
      return { consumed: buffer[index + 1] === 0x5c ? index + 2 : index, event: null };
    }
  }
  return buffer.length > SEQUENCE_LIMIT_BYTES ? { consumed: buffer.length, event: null } : INCOMPLETE;
}

/** Time is up for an incomplete head: ESC alone is Esc, `ESC [` and `ESC O` are Alt with that letter, anything else is dropped. */
function decodeAsTyped(buffer: Buffer, at: EpochMs): Step {
  if (buffer[0] !== ESC) return { consumed: buffer.length, event: null };
  if (buffer.length === 1) return { consumed: 1, event: key("esc", at) };
  if (buffer.length === 2) return { consumed: 2, event: key(`alt-${String.fromCharCode(buffer[1] ?? 0)}`, at) };
  return { consumed: buffer.length, event: null };
}
