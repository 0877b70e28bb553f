import { describe, expect, it } from "vitest";
import { createSecretAsker } from "../../../src/cli/ask-secret.ts";
import { createFakeIo } from "./fake-io.ts";

const QUESTION = "Password of ops (mysql): ";
const ESC = "\u001b";

function startAsking() {
  const fake = createFakeIo({ stdinIsTty: true });
  const ask = createSecretAsker(fake.io);
  if (ask === null) throw new Error("there is a terminal");
  return { ...fake, ask, answer: ask(QUESTION) };
}

describe("a secret asked on the terminal", () => {
  it.each([
    ["s3cret\r", "s3cret"],
    ["s3cret\n", "s3cret"],
    ["pässwörd €\r", "pässwörd €"],
    ["s3creX\u007ft\r", "s3cret"],
    ["wrong\u0015s3cret\r", "s3cret"],
    [`${ESC}[200~pasted one${ESC}[201~\r`, "pasted one"],
    [`s3${ESC}[Dcr${ESC}OAet\r`, "s3cret"],
    ["\r", ""],
    ["first\rsecond\r", "first"],
  ])("%j is %j", async (keys, expected) => {
    const { type, answer, isRaw, out, err } = startAsking();
    expect(isRaw()).toBe(true);
    type(keys);
    expect(await answer).toBe(expected);
    expect(isRaw()).toBe(false);
    expect([out(), err()]).toEqual(["", `${QUESTION}\n`]);
  });

  it("may come in pieces, cut within a letter", async () => {
    const { io, answer } = startAsking();
    const bytes = Buffer.from("grün\r");
    for (const byte of bytes) (io.stdin as unknown as { write(chunk: Buffer): void }).write(Buffer.from([byte]));
    expect(await answer).toBe("grün");
  });

  it("is nothing when the terminal goes away or Ctrl-D is pressed", async () => {
    const gone = startAsking();
    gone.endInput();
    expect(await gone.answer).toBeNull();
    const closed = startAsking();
    closed.type("\u0004");
    expect(await closed.answer).toBeNull();
    expect(closed.isRaw()).toBe(false);
  });

  it("is given up with Ctrl-C, the terminal as it was", async () => {
    const { type, answer, isRaw } = startAsking();
    type("half\u0003");
    await expect(answer).rejects.toMatchObject({ name: "Interrupted" });
    expect(isRaw()).toBe(false);
  });

  it("cannot be asked for without one", () => {
    expect(createSecretAsker(createFakeIo().io)).toBeNull();
  });
});
