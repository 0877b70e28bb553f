import { once } from "node:events";
import { Duplex } from "node:stream";
import { describe, expect, it, test } from "vitest";
import { DriverError } from "../../../../src/drivers/errors.ts";
import { createLazyStream } from "../../../../src/drivers/ssh/lazy-stream.ts";
import { describeOpensshEnd } from "../../../../src/drivers/ssh/openssh-problem.ts";
import { buildProbeCommand, describeSocketProblem } from "../../../../src/drivers/ssh/socket-problem.ts";

/** The far end of a stream, held by the test. */
class Far extends Duplex {
  readonly written: string[] = [];
  isEnded = false;
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk.toString());
    done();
  }
  override _final(done: () => void): void {
    this.isEnded = true;
    done();
  }
}

describe("a stream that connects later", () => {
  it("keeps what is written until it is connected, and passes both ways and the end on", async () => {
    const far = new Far();
    let connect: (far: Duplex) => void = () => undefined;
    const stream = createLazyStream(() => new Promise((resolve) => (connect = resolve)));
    stream.write("early");
    connect(far);
    await once(stream, "connect");
    stream.write(" late");
    far.push("answer");
    const [chunk] = await once(stream, "data");
    expect(String(chunk)).toBe("answer");
    expect(far.written.join("")).toBe("early late");
    far.push(null);
    await once(stream, "close");
    expect(far.isEnded).toBe(true);
    expect(far.destroyed).toBe(true);
  });

  it("that is given up before aborts the opening, and ends what comes too late", async () => {
    const far = new Far();
    let signal: AbortSignal | null = null;
    let connect: (far: Duplex) => void = () => undefined;
    const stream = createLazyStream((given) => {
      signal = given;
      return new Promise((resolve) => (connect = resolve));
    });
    stream.destroy();
    expect(signal).toMatchObject({ aborted: true });
    connect(far);
    await once(far, "close");
    expect(far.isEnded || far.destroyed).toBe(true);
  });

  it("tells why it could not be connected", async () => {
    const error = new DriverError({
      kind: "unreachable",
      target: "t",
      operation: "o",
      message: "m",
      serverCode: "ECONNREFUSED",
    });
    const stream = createLazyStream(() => Promise.reject(error));
    const [thrown] = await once(stream, "error");
    expect(thrown).toBe(error);
    expect(thrown).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("has an error in place of an end without a byte, where there is one to tell", async () => {
    const far = new Far();
    const stream = createLazyStream(async () => far, { explainEmptyEnd: async () => new Error("refused there") });
    stream.resume();
    far.push(null);
    const [thrown] = await once(stream, "error");
    expect(thrown).toMatchObject({ message: "refused there" });
  });

  it("tells the same through another one: a client that has this stream hears that it was refused, not just that it ended", async () => {
    const far = new Far();
    const inner = createLazyStream(async () => far, { explainEmptyEnd: async () => new Error("refused there") });
    const stream = createLazyStream(async () => inner);
    stream.resume();
    const ended = Promise.race([once(stream, "error"), once(stream, "close")]);
    far.push(null);
    expect(await ended).toMatchObject([{ message: "refused there" }]);
  });

  it("tells why the far end is gone also when that shows by a write that fails", async () => {
    const far = new Far();
    far._write = (...given: unknown[]) => (given[2] as (error: Error) => void)(new Error("write EPIPE"));
    const stream = createLazyStream(async () => far, { explainEmptyEnd: async () => new Error("refused there") });
    stream.write("question");
    const [thrown] = await once(stream, "error");
    expect(thrown).toMatchObject({ message: "refused there" });
  });

  it("tells why the far end is gone to who writes after it has finished, too", async () => {
    const far = new Far();
    let explain: (error: Error) => void = () => undefined;
    const explained = new Promise<Error>((resolve) => {
      explain = resolve;
    });
    const stream = createLazyStream(async () => far, { explainEmptyEnd: () => explained });
    const failed = once(stream, "error");
    const ended = once(far, "end");
    stream.resume();
    await once(stream, "connect");
    far.push(null);
    await ended;
    stream.write("question");
    explain(new Error("refused there"));
    expect((await failed)[0]).toMatchObject({ message: "refused there" });
  });

  it("whose far end breaks off closes", async () => {
    const far = new Far();
    const stream = createLazyStream(async () => far);
    stream.resume();
    await once(stream, "connect");
    far.destroy();
    await once(stream, "close");
  });
});

describe("why a socket could not be opened", () => {
  const answer = (lines: readonly string[]) => `${lines.join("\n")}\n`;
  const live = ["socket", "allowed", "listening 1"];

  it.each([
    [
      answer(["none", "denied", "listening 0", "connected 0", "user ops", "ls: cannot access '/a': No such file"]),
      "ENOENT",
    ],
    [answer(["none", "denied", "listening 1", "user ops", "ls: cannot access '/a': Permission denied"]), "EACCES"],
    [answer(["socket", "denied", "listening 1", "connected 0", "user ops", "srw-rw---- 1 haproxy haproxy"]), "EACCES"],
    [answer(["other", "allowed", "listening 0", "connected 0"]), "ENOTSOCK"],
    [answer(["socket", "allowed", "listening 0", "connected 0"]), "ECONNREFUSED"],
    [answer([...live, "connected 10"]), "EAGAIN"],
    [answer([...live, "connected 3"]), "FORWARDING_FORBIDDEN"],
    [answer(["socket", "allowed", "listening ", "connected "]), "OPEN_FAILED"],
    ["", "OPEN_FAILED"],
    ["This account is currently not available.\n", "OPEN_FAILED"],
  ])("%j is %s", (text, code) => {
    const problem = describeSocketProblem(text, "/a", "ops@lb1:22");
    expect(problem.code).toBe(code);
    expect(problem.kind).toBe("unreachable");
    expect(problem.message).toContain("/a");
  });

  it("is asked with the path as one word, whatever is in it", () => {
    expect(buildProbeCommand("/it's;rm -rf $HOME").endsWith(`signalbox '/it'\\''s;rm -rf $HOME'`)).toBe(true);
  });
});

test.each([
  [
    "No ED25519 host key is known for [lb1]:22 and you have requested strict checking.\nHost key verification failed.",
    "HOST_KEY_UNKNOWN",
  ],
  ["@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.", "HOST_KEY_CHANGED"],
  ["ops@lb1: Permission denied (publickey).", "LOGIN_REFUSED"],
  ["channel 1: open failed: administratively prohibited: open failed", "FORWARDING_FORBIDDEN"],
  ["channel 2: open failed: connect failed: Connection refused", "ECONNREFUSED"],
  ["ssh: connect to host lb1 port 22: Connection refused", "SSH_ECONNREFUSED"],
  ["ssh: Could not resolve hostname lb1: Name or service not known", "SSH_ENOTFOUND"],
  ["Timeout, server lb1 not responding.", "SSH_ETIMEDOUT"],
  ["spawn ssh ENOENT", "NO_SSH"],
  ["signalbox: 2: ssh: not found", "NO_SSH"],
  ["\u001b[2Jsomething else", "SSH_ENDED"],
])("%j of the system's ssh is %s", (words, code) => {
  const problem = describeOpensshEnd(words, "/a", { where: "lb1", hasEnded: false });
  expect(problem.code).toBe(code);
  expect(problem.message).not.toContain("\u001b");
});

test.each([
  "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\nConnection closed by UNKNOWN port 65535",
  "channel 0: open failed: connect failed: No route to host\nstdio forwarding failed",
])(
  "%j of an ssh that has ended is of a host on the way, and proves nothing of what is behind the last one",
  (words) => {
    expect(describeOpensshEnd(words, "/a", { where: "lb1", hasEnded: true }).code).toBe("SSH_NO_WAY");
  },
);
