import { connect, createServer, type Server } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** Where `up` puts a lab when no `--dir` says otherwise: one per user. */
export function defaultLabDir(): string {
  return join(tmpdir(), `sbx-lab-up-${userInfo().uid}`);
}

export function controlSocket(dir: string): string {
  return join(dir, "control.sock");
}

interface Answer {
  readonly ok: boolean;
  readonly text: string;
}

/** Sends one command line to the background process; resolves to its text, rejects with its refusal or when nobody is there. */
export function ask(dir: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(controlSocket(dir));
    let received = "";
    socket.setEncoding("utf8");
    socket.once("connect", () => socket.end(`${JSON.stringify(words)}\n`));
    socket.on("data", (chunk: string) => {
      received += chunk;
    });
    socket.once("error", () => reject(new Error(`no lab runs in ${dir} (npm run lab -- up)`)));
    socket.once("close", () => {
      if (received === "") return;
      const answer = JSON.parse(received) as Answer;
      if (answer.ok) resolve(answer.text);
      else reject(new Error(answer.text));
    });
  });
}

/** Answers command lines on the control socket of `dir`. */
export function serve(dir: string, handle: (words: string[]) => Promise<string>): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let received = "";
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: string) => {
      received += chunk;
    });
    socket.on("end", () => {
      handle(JSON.parse(received) as string[]).then(
        (text) => socket.end(JSON.stringify({ ok: true, text } satisfies Answer)),
        (error: Error) => socket.end(JSON.stringify({ ok: false, text: error.message } satisfies Answer)),
      );
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(controlSocket(dir), () => resolve(server));
  });
}
