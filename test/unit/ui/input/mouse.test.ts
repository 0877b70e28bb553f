import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKeyDecoder, ESCAPE_WAIT_MS } from "../../../../src/ui/input/decoder.ts";
import type { InputEvent } from "../../../../src/ui/input/events.ts";

function names(events: readonly InputEvent[]): string[] {
  return events.map((event) => {
    if (event.type === "key") return event.key;
    return event.type === "paste"
      ? `paste(${event.text})`
      : `${event.action} ${event.button} ${event.column},${event.row}`;
  });
}

/** Feeds pieces with a pause after each, long enough for the decoder to be asked what it makes of what it has. */
function decodeSlowly(pieces: readonly string[], pauseMs: number): string[] {
  const decoder = createKeyDecoder();
  const events: InputEvent[] = [];
  let now = 0;
  for (const piece of pieces) {
    events.push(...decoder.push(Buffer.from(piece, "latin1"), now));
    const next = now + pauseMs;
    while (now < next) {
      now = Math.min(next, now + ESCAPE_WAIT_MS);
      if (decoder.pending && now < next) events.push(...decoder.flush(now));
    }
  }
  events.push(...decoder.flush(now + 60), ...decoder.flush(now + 5_000));
  return names(events);
}

const decode = (text: string): string[] => decodeSlowly([text], 0);

/** Keys that move the picture or open a panel; a report of the mouse must never be taken for one. */
const report = fc
  .record({
    code: fc.constantFrom(0, 1, 2, 3, 4, 8, 16, 32, 35, 64, 65, 66, 67, 80, 128, 131, 255),
    column: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.constantFrom(65_535, 99_999, 4_294_967_296)),
    row: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constantFrom(65_535, 99_999)),
    pressed: fc.boolean(),
  })
  .map(({ code, column, row, pressed }) => `\x1b[<${code};${column};${row}${pressed ? "M" : "m"}`);

describe("mouse reports", () => {
  it.each([
    ["a left press and its release", "\x1b[<0;5;7M\x1b[<0;5;7m", ["press left 5,7", "release left 5,7"]],
    [
      "the other buttons",
      "\x1b[<1;1;1M\x1b[<2;1;1M\x1b[<3;1;1M",
      ["press middle 1,1", "press right 1,1", "press none 1,1"],
    ],
    ["keys held with it", "\x1b[<4;2;3M\x1b[<24;2;3M", ["press left 2,3", "press left 2,3"]],
    ["motion", "\x1b[<32;2;3M\x1b[<35;2;3M", ["move left 2,3", "move none 2,3"]],
    ["the wheel, with and without Ctrl", "\x1b[<64;2;3M\x1b[<81;2;3M", ["wheel-up none 2,3", "wheel-down none 2,3"]],
    ["a wheel turned sideways is no wheel", "\x1b[<66;2;3M\x1b[<67;2;3M", []],
    ["back and forward are no left and middle", "\x1b[<128;2;3M\x1b[<129;2;3M", []],
    ["wide screens", "\x1b[<0;320;100M", ["press left 320,100"]],
    ["places on no screen", "\x1b[<0;0;3M\x1b[<0;3;0M\x1b[<0;999999;1M\x1b[<0;1;99999999999999999999M", []],
    ["too few, too many and empty figures", "\x1b[<0;3M\x1b[<0;3;4;5M\x1b[<;;M\x1b[<M\x1b[<0;;3M", []],
    ["a report broken off by a key", "\x1b[<0;12qj", ["q", "j"]],
    ["a report broken off by another", "\x1b[<0;12\x1b[<0;5;7M", ["press left 5,7"]],
    ["a report broken off by an arrow", "\x1b[<0;\x1b[A", ["up"]],
    ["a report that never ends", `\x1b[<${"1".repeat(10_000)}q`, ["q"]],
    ["the byte form", "\x1b[M !!\x1b[M#!!\x1b[M`DM", ["press left 1,1", "release none 1,1", "wheel-up none 36,45"]],
    ["the byte form holds letters that are actions", "\x1b[M MDj", ["press left 45,36", "j"]],
    ["the byte form broken off by an arrow", "\x1b[M\x1b[A", ["up"]],
  ] as const)("%s", (_title, text, expected) => {
    // What is left of figures that are too many to be a report is dropped, digits and all, up to the key.
    expect(decode(text).filter((name) => !/^\d$/.test(name))).toEqual(expected);
  });

  it("are whole again however they were split, and however long the pause", () => {
    const texts = ["\x1b[<0;12;34M", "\x1b[<64;12;34M", "\x1b[<0;12;34m"];
    for (const text of texts) {
      const [whole] = decode(text);
      for (let cut = 2; cut < text.length; cut++) {
        for (const pauseMs of [1, 70, 500, 5_000]) {
          // After `ESC [` alone a second is waited, as for any key.
          if (cut === 2 && pauseMs > 900) continue;
          const pieces = [text.slice(0, cut), text.slice(cut)];
          expect(decodeSlowly(pieces, pauseMs), `cut at ${cut}, ${pauseMs} ms`).toEqual([whole]);
        }
      }
    }
  });

  it.each([
    ["\x1b", "[<0;12;34M"],
    ["\x1b", "[<0;12;", "34M"],
    ["\x1b", "[", "<0;12;34M"],
    ["\x1b", "[", "<0;12;", "34M"],
    ["\x1b", '[M !"', "j"],
  ])("are never the keys M, m, 0 or ; when the escape came alone and was taken for Esc: %j", (...pieces) => {
    const events = decodeSlowly(pieces, 100);
    expect(events[0]).toBe("esc");
    for (const name of events.slice(1)) expect(["[", "press left 12,34", "j"]).toContain(name);
  });

  it("leave a person's Esc and [ what they are", () => {
    expect(decodeSlowly(["\x1b", "[", "j"], 100)).toEqual(["esc", "[", "j"]);
    expect(decodeSlowly(["\x1b", "[", "["], 100)).toEqual(["esc", "[", "["]);
    expect(decodeSlowly(["\x1b", "[", "<"], 1_500)).toEqual(["esc", "[", "<"]);
  });

  it("cost no timer while their rest is waited for", () => {
    const decoder = createKeyDecoder();
    decoder.push(Buffer.from("\x1b[<0;1"), 0);
    expect(decoder.pending).toBe(false);
    expect(names(decoder.push(Buffer.from("2;3M"), 60_000))).toEqual(["press left 12,3"]);
  });

  it("never become keys, in any mixture and any split, and keys between them are kept", () => {
    const key = fc.constantFrom("j", "\x1b[A", "é", "\r");
    fc.assert(
      fc.property(
        fc.array(fc.oneof(report, key), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }),
        (parts, steps) => {
          const bytes = Buffer.from(parts.join(""), "utf8");
          const decoder = createKeyDecoder();
          const events: InputEvent[] = [];
          let at = 0;
          for (const step of [...steps, bytes.length]) {
            events.push(...decoder.push(bytes.subarray(at, at + step), 1));
            at = Math.min(bytes.length, at + step);
          }
          const keys = names(events.filter((event) => event.type === "key"));
          const typed = parts.filter((part) => !part.startsWith("\x1b[<"));
          const shown = typed.map((part) => (part === "\x1b[A" ? "up" : part === "\r" ? "enter" : part));
          expect(keys).toEqual(shown);
          for (const event of events) {
            if (event.type !== "mouse") continue;
            expect(event.column).toBeGreaterThan(0);
            expect(event.row).toBeGreaterThan(0);
          }
        },
      ),
    );
  });
});
