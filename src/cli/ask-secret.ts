/** Asks for a secret on the terminal: nothing is echoed, nothing reaches standard output, pasting works. */
import { Interrupted } from "./interruption.ts";
import type { CliIo } from "./io.ts";

type Answer = { readonly kind: "typed"; readonly text: string } | { readonly kind: "closed" | "interrupted" };

/** More than anybody's password. */
const longest = 4096;

/**
 * Null when standard input is no terminal. What it returns resolves with null when the terminal goes away (or Ctrl-D is pressed);
 * @throws Interrupted at Ctrl-C
 */
export function createSecretAsker(io: CliIo): ((question: string) => Promise<string | null>) | null {
  if (io.stdin.isTTY !== true) return null;
  return async (question) => {
    const answer = await ask(io, question);
    if (answer.kind === "interrupted") throw new Interrupted();
    return answer.kind === "typed" ? answer.text : null;
  };
}

async function ask({ stdin, stderr }: CliIo, question: string): Promise<Answer> {
  stdin.setRawMode(true);
  stderr.write(question);
  try {
    return await readLine(stdin);
  } finally {
    setCooked(stdin);
    stdin.pause();
    stderr.write("\n");
  }
}

function setCooked(stdin: NodeJS.ReadStream): void {
  try {
    stdin.setRawMode(false);
  } catch {
    // A terminal that is gone has no modes.
  }
}

function readLine(stdin: NodeJS.ReadStream): Promise<Answer> {
  return new Promise((resolve) => {
    const line = new HiddenLine();
    const decoder = new TextDecoder();
    const settle = (answer: Answer) => {
      stdin.off("data", onData);
      for (const event of ["end", "close", "error"]) stdin.off(event, onClosed);
      resolve(answer);
    };
    const onClosed = () => settle({ kind: "closed" });
    const onData = (chunk: Buffer | string) => {
      const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
      const answer = line.take(text);
      if (answer !== null) settle(answer);
    };
    if (stdin.readableEnded || stdin.destroyed) return onClosed();
    for (const event of ["end", "close", "error"]) stdin.on(event, onClosed);
    stdin.on("data", onData);
    stdin.resume();
  });
}

/** What is typed until Enter, with the keys of a terminal's own line editor. */
class HiddenLine {
  #typed: string[] = [];
  /** An escape sequence (an arrow key, the marks of a paste) is not part of a password. */
  #escape = "";

  take(text: string): Answer | null {
    for (const character of text) {
      const answer = this.#takeOne(character);
      if (answer !== null) return answer;
    }
    return null;
  }

  #takeOne(character: string): Answer | null {
    if (this.#escape !== "" || character === "\u001b") {
      this.#escape += character;
      if (/^\u001b(\[[0-?]*[ -/]*[@-~]|O.|[^[O])/.test(this.#escape)) this.#escape = "";
      return null;
    }
    if (character === "\r" || character === "\n") return { kind: "typed", text: this.#typed.join("") };
    if (character === "\u0003") return { kind: "interrupted" };
    if (character === "\u0004") return this.#typed.length === 0 ? { kind: "closed" } : null;
    if (character === "\u007f" || character === "\b") this.#typed.pop();
    else if (character === "\u0015") this.#typed = [];
    else if (character >= " " && this.#typed.length < longest) this.#typed.push(character);
    return null;
  }
}
