/**
 * A stream that is there at once and connects later, for clients that want one in hand (mysql2). It passes both ends on: the far end's EOF, and
 * ours, without which a channel would stay half-open for good.
 */
import { Duplex } from "node:stream";
import { DriverError } from "../errors.ts";

type Done = (error?: Error | null) => void;

export interface LazyStreamOptions {
  /** Asked when the far end finishes without a byte: an error in place of the end, or null for a plain end. */
  readonly explainEmptyEnd?: () => Promise<Error | null>;
}

/** @param open is called at once; its signal aborts when the stream is destroyed before it is connected */
export function createLazyStream(
  open: (signal: AbortSignal) => Promise<Duplex>,
  options: LazyStreamOptions = {},
): Duplex {
  return new LazyStream(open, options);
}

class LazyStream extends Duplex {
  readonly #opening = new AbortController();
  #far: Duplex | null = null;
  #isFarEnded = false;
  #hasBytes = false;
  readonly #options: LazyStreamOptions;

  constructor(open: (signal: AbortSignal) => Promise<Duplex>, options: LazyStreamOptions) {
    super();
    this.#options = options;
    // What is still written after the far end has finished fails as on a socket (see _write), and not because this end was ended by itself.
    this.once("end", () => this.destroy());
    open(this.#opening.signal).then(
      (far) => this.#connect(far),
      (error: unknown) => this.destroy(toError(error)),
    );
  }

  // What clients of TCP sockets call; the session has its own.
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #connect(far: Duplex): void {
    if (this.destroyed) {
      endStream(far);
      return;
    }
    this.#far = far;
    far.on("error", (error: Error) => void this.#finish(error));
    far.on("data", (chunk: Buffer) => {
      this.#hasBytes = true;
      if (!this.push(chunk)) far.pause();
    });
    far.on("end", () => {
      this.#isFarEnded = true;
      void this.#finish();
    });
    far.on("close", () => {
      // After an end, what was read before it is given out first.
      if (!this.#isFarEnded) this.destroy();
    });
    this.emit("connect");
    this.emit("far");
  }

  async #finish(cause: Error | null = null): Promise<void> {
    const explain = this.#hasBytes ? undefined : this.#options.explainEmptyEnd;
    this.#isFarEnded ||= explain !== undefined;
    // Where nothing is to be asked, at once: a far end that fails closes in the same moment, and the error would be lost.
    const error = (explain === undefined ? null : await explain()) ?? cause;
    if (error !== null) this.destroy(toError(error));
    else if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    this.#far?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    const write = (far: Duplex | null): void => {
      if (this.#isFarEnded) this.#fail(connectionReset(), done);
      else far?.write(chunk, (error) => (error == null ? done() : this.#fail(error, done)));
    };
    if (this.#far === null && !this.#isFarEnded) this.once("far", () => write(this.#far));
    else write(this.#far);
  }

  /** Where the far end is gone before a byte came, why that is counts, and not that nobody took what was written. */
  #fail(error: Error, done: Done): void {
    if (this.#hasBytes || this.#options.explainEmptyEnd === undefined) done(error);
    else void this.#finish(error).then(() => done());
  }

  override _final(done: Done): void {
    this.#far?.end();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#opening.abort(error ?? new Error("the stream was closed"));
    if (this.#far !== null) endStream(this.#far);
    done(error);
  }
}

/** An SSH channel ends only when it is read to its end and both halves are closed. */
function endStream(far: Duplex): void {
  far.on("error", () => {});
  far.resume();
  far.end();
  far.destroy();
}

function connectionReset(): Error {
  return Object.assign(new Error("the far end closed the connection"), { code: "ECONNRESET" });
}

function toError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  // Clients look at `code` to tell what kind of end it is.
  if (error instanceof DriverError) Object.assign(error, { code: error.serverCode ?? undefined });
  return error;
}
