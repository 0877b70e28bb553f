import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPromptLink, type PromptLink } from "../../../../src/drivers/haproxy/prompt-link.ts";
import { createUnixOpener } from "../../../../src/drivers/haproxy/stream-opener.ts";

let dir: string;
let server: Server;
let link: PromptLink;
let connections: Socket[];
/** What the server says to a command; the prompt is part of it. */
let answer: (command: string, socket: Socket) => string | null;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "sbx-prompt-"));
  connections = [];
  answer = (command) => `${command} it is\n\n> `;
  server = createServer((socket) => {
    connections.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      for (const command of chunk.toString().trim().split("\n")) {
        const quiet = command === "prompt" || command.startsWith("set timeout");
        const said = quiet ? "\n> " : answer(command, socket);
        if (said !== null) socket.write(said);
      }
    });
  }).listen(join(dir, "s"));
  await once(server, "listening");
  link = createPromptLink(createUnixOpener(join(dir, "s"), "lb1"));
});
afterEach(() => {
  link.close();
  for (const socket of connections) socket.destroy();
  server.close();
  rmSync(dir, { recursive: true });
});

const ask = (line: string, timeoutMs = 2_000, maxAnswerBytes = 10_000) =>
  link.ask({
    target: "lb1",
    operation: line,
    line,
    bounds: { signal: new AbortController().signal, timeoutMs },
    maxAnswerBytes,
  });

describe("a kept connection in prompt mode", () => {
  it("gives the same text as one-shot answers, over one connection", async () => {
    expect(await ask("show a")).toBe("show a it is\n\n");
    expect(await ask("show c")).toBe("show c it is\n\n");
    expect(connections.length).toBe(1);
  });

  it("takes an answer that comes byte by byte", async () => {
    answer = (command, socket) => {
      for (const byte of `${command}\n\n> `) socket.write(byte);
      return null;
    };
    expect(await ask("show a")).toBe("show a\n\n");
  });

  it("does not end a table within a quoted text that looks like the prompt", async () => {
    answer = (_command, socket) => {
      socket.write('# pxname,last_chk\na,"evil\n> ');
      setImmediate(() => socket.write('more"\n\n> '));
      return null;
    };
    expect(await ask("show stat")).toBe('# pxname,last_chk\na,"evil\n> more"\n\n');
  });

  it.each([
    ["for each command, as up to 3.0", ["a: 1\n\n> ", "b\n\n> ", '# pxname,x\nm,"> "\n\n> ']],
    ["once, as 3.2", ["a: 1\n\n", "b\n\n", '# pxname,x\nm,"> "\n\n> ']],
  ])("reads a line of several commands where the prompt is shown %s", async (_title, parts) => {
    answer = (_line, socket) => {
      const [first, ...others] = parts;
      socket.write(first ?? "");
      setTimeout(() => socket.write(others.join("")), 10);
      return null;
    };
    expect(await ask("show a;show b;show stat")).toBe('a: 1\n\nb\n\n# pxname,x\nm,"> "\n\n');
  });

  it("takes refusals of every command of a line for an answer too", async () => {
    answer = () => "no\n\n> no\n\n> no\n\n> ";
    expect(await ask("show a;show b;show stat")).toBe("no\n\nno\n\nno\n\n");
  });

  it("does not take quotes in names for the start of a text", async () => {
    answer = () => 'Name: HAProxy\nnode: a"b\n\n> ';
    expect(await ask("show info")).toBe('Name: HAProxy\nnode: a"b\n\n');
  });

  it("is an error when it breaks in mid-answer, and a new one is opened for the next question", async () => {
    answer = (_command, socket) => {
      socket.end("# pxname\nhalf");
      return null;
    };
    await expect(ask("show stat")).rejects.toMatchObject({ kind: "protocol", message: /broke after \d+ bytes/ });
    answer = (command) => `${command}\n\n> `;
    expect(await ask("show stat")).toBe("show stat\n\n");
    expect(connections.length).toBe(2);
  });

  it("is given up at the deadline: what comes later is not the answer of the next question", async () => {
    answer = (_command, socket) => {
      setTimeout(() => socket.write("late\n\n> "), 80).unref();
      return null;
    };
    await expect(ask("show a", 30)).rejects.toMatchObject({ kind: "timeout" });
    answer = (command) => `${command}\n\n> `;
    expect(await ask("show b")).toBe("show b\n\n");
  });

  it("that was closed while it was idle is opened again without an error", async () => {
    await ask("show a");
    connections[0]?.destroy();
    await once(connections[0] as Socket, "close");
    await new Promise((resolve) => setImmediate(resolve));
    expect(await ask("show b").catch(() => ask("show b"))).toBe("show b it is\n\n");
  });

  it("answers two at once over two connections", async () => {
    answer = (command, socket) => {
      socket.end(`${command}\n\n`);
      return null;
    };
    const first = ask("show a").catch(() => "broken");
    expect(await ask("show b")).toBe("show b\n\n");
    await first;
    expect(connections.length).toBe(2);
  });

  it("is renewed on request, refuses too much, and says who else answers", async () => {
    await ask("show a");
    link.renew();
    await ask("show a");
    expect(connections.length).toBe(2);
    answer = () => "x".repeat(200);
    await expect(ask("show a", 500, 100)).rejects.toMatchObject({ message: /larger than 100 bytes/ });
    answer = () => "HTTP/1.1 400 Bad request\r\n";
    await expect(ask("show a")).rejects.toMatchObject({ message: /HTTP/ });
  });

  it("that is closed answers no more", async () => {
    link.close();
    await expect(ask("show a")).rejects.toMatchObject({ kind: "cancelled" });
  });
});
