import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKeyDecoder } from "../../../../src/ui/input/decoder.ts";
import type { InputEvent } from "../../../../src/ui/input/events.ts";

function names(events: readonly InputEvent[]): string[] {
  return events.map((event) => {
    if (event.type === "key") return event.key;
    if (event.type === "paste") return `paste(${event.text})`;
    return `${event.action} ${event.button} ${event.column},${event.row}`;
  });
}

function decodeWhole(text: string): string[] {
  const decoder = createKeyDecoder();
  const bytes = Buffer.from(text, "utf8");
  return names([...decoder.push(bytes, 1), ...decoder.flush(2), ...decoder.flush(2_000)]);
}

function decodeSplit(text: string, cut: number): string[] {
  const decoder = createKeyDecoder();
  const bytes = Buffer.from(text, "utf8");
  return names([
    ...decoder.push(bytes.subarray(0, cut), 1),
    ...decoder.push(bytes.subarray(cut), 2),
    ...decoder.flush(3),
    ...decoder.flush(2_000),
  ]);
}

const TABLE: readonly (readonly [string, string, readonly string[]])[] = [
  ["two letters typed fast are two keys", "gg", ["g", "g"]],
  ["capital and small letters differ", "jG", ["j", "G"]],
  ["space has a name", "a b", ["a", "space", "b"]],
  ["letters beyond ASCII come whole", "é漢🚦", ["é", "漢", "🚦"]],
  ["arrows of normal mode", "\x1b[A\x1b[B\x1b[C\x1b[D", ["up", "down", "right", "left"]],
  ["arrows of application mode", "\x1bOA\x1bOB", ["up", "down"]],
  [
    "arrows with modifiers",
    "\x1b[1;2A\x1b[1;3B\x1b[1;5C\x1b[1;6D",
    ["shift-up", "alt-down", "ctrl-right", "ctrl-shift-left"],
  ],
  [
    "home and end in four dialects",
    "\x1b[H\x1bOH\x1b[1~\x1b[7~\x1b[F\x1b[4~",
    ["home", "home", "home", "home", "end", "end"],
  ],
  ["page keys, insert, delete", "\x1b[5~\x1b[6~\x1b[2~\x1b[3~", ["pageup", "pagedown", "insert", "delete"]],
  ["function keys of xterm", "\x1bOP\x1bOS\x1b[15~\x1b[24~", ["f1", "f4", "f5", "f12"]],
  ["function keys of the Linux console", "\x1b[[A\x1b[[E", ["f1", "f5"]],
  ["function keys with modifiers", "\x1b[1;5P\x1b[15;2~", ["ctrl-f1", "shift-f5"]],
  ["tab and shift-tab", "\t\x1b[Z", ["tab", "shift-tab"]],
  ["enter by carriage return and by line feed", "\r\n", ["enter", "enter"]],
  ["both bytes of backspace", "\x7f\x08", ["backspace", "backspace"]],
  ["control letters", "\x12\x03\x1a\x00", ["ctrl-r", "ctrl-c", "ctrl-z", "ctrl-space"]],
  ["a lone escape is Esc once nothing follows", "\x1b", ["esc"]],
  ["two escapes are two Esc", "\x1b\x1b", ["esc", "esc"]],
  ["alt with a letter", "\x1bx\x1bé", ["alt-x", "alt-é"]],
  ["alt with a bracket once nothing follows", "\x1b[", ["alt-["]],
  ["a paste is one event and never keys", "\x1b[200~qD\ry\x1b[Z\x1b[201~k", ["paste(qD\ry\x1b[Z)", "k"]],
  [
    "mouse press, release and wheel",
    "\x1b[<0;5;7M\x1b[<0;5;7m\x1b[<64;1;2M\x1b[<65;1;2M",
    ["press left 5,7", "release left 5,7", "wheel-up none 1,2", "wheel-down none 1,2"],
  ],
  [
    "answers of the terminal are no keys",
    "\x1b[?62;22c\x1b[12;40R\x1b[I\x1b[O\x1b]11;rgb:0/0/0\x07\x1bP1$r0m\x1b\\q",
    ["q"],
  ],
  ["an unknown sequence is swallowed whole", "\x1b[99;99;99zq", ["q"]],
];

describe("key decoder", () => {
  it.each(TABLE)("%s", (_title, bytes, expected) => {
    expect(decodeWhole(bytes)).toEqual(expected);
  });

  it.each(TABLE)("%s, split at every byte", (_title, bytes, expected) => {
    const length = Buffer.byteLength(bytes);
    for (let cut = 0; cut <= length; cut++) expect(decodeSplit(bytes, cut), `cut at ${cut}`).toEqual(expected);
  });

  it("says that bytes are pending only while an escape waits for its rest", () => {
    const decoder = createKeyDecoder();
    decoder.push(Buffer.from("\x1b"), 1);
    expect(decoder.pending).toBe(true);
    decoder.flush(2);
    expect(decoder.pending).toBe(false);
    decoder.push(Buffer.from("\x1b[200~abc"), 3);
    expect(decoder.pending).toBe(false);
  });

  it("takes the late tail of an arrow for what it is and never for the action key D", () => {
    const decoder = createKeyDecoder();
    expect(names([...decoder.push(Buffer.from("\x1b"), 1), ...decoder.flush(70)])).toEqual(["esc"]);
    expect(names(decoder.push(Buffer.from("[D"), 200))).toEqual([]);
    expect(names(decoder.push(Buffer.from("D"), 210))).toEqual(["D"]);
  });

  it("waits a second for the rest of a started sequence", () => {
    const decoder = createKeyDecoder();
    expect(
      names([...decoder.push(Buffer.from("\x1b["), 1), ...decoder.flush(70), ...decoder.push(Buffer.from("D"), 500)]),
    ).toEqual(["left"]);
  });

  it("takes [ typed by a person after Esc as a key", () => {
    const decoder = createKeyDecoder();
    decoder.push(Buffer.from("\x1b"), 1);
    decoder.flush(70);
    expect(names(decoder.push(Buffer.from("["), 300))).toEqual(["["]);
  });

  it("stamps events with the time their bytes arrived", () => {
    expect(createKeyDecoder().push(Buffer.from("y"), 1234)).toEqual([{ type: "key", key: "y", text: "y", at: 1234 }]);
  });

  it("cuts a paste that never stops growing and still finds its end", () => {
    const decoder = createKeyDecoder();
    decoder.push(Buffer.from("\x1b[200~"), 1);
    for (let round = 0; round < 100; round++) expect(decoder.push(Buffer.alloc(4096, 0x61), 1)).toEqual([]);
    const [event] = decoder.push(Buffer.from("\x1b[201~"), 2);
    expect(event?.type === "paste" && event.text.length).toBe(65_536);
  });

  it("never throws, never loops and never yields a control character, whatever bytes come", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (chunks) => {
        const decoder = createKeyDecoder();
        const events = chunks.flatMap((chunk) => decoder.push(chunk, 1));
        events.push(...decoder.flush(2));
        for (const event of events) {
          if (event.type === "key" && event.text !== null) expect(event.text).not.toMatch(/[\x00-\x1f\x7f]/);
        }
      }),
    );
  });
});
