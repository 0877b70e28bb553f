/**
 * One session to a host for all programs that are run there: a login for each would fill its log, and be slow. Streams have an ssh each, because only
 * so it can be told which of them was refused, and a refusal may be the proof that a server is dead.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { SshEndpoint } from "./endpoint.ts";
import { OpensshChild } from "./openssh-child.ts";
import { buildSessionArguments } from "./openssh-config.ts";

export class OpensshSession {
  readonly #path: string;
  readonly #child: OpensshChild;

  constructor(endpoint: SshEndpoint, folder: string, name: string) {
    this.#path = join(folder, name);
    this.#child = new OpensshChild(buildSessionArguments(endpoint, join(folder, "config"), this.#path), () =>
      rmSync(this.#path, { force: true }),
    );
  }

  get usable(): boolean {
    return this.#child.usable;
  }

  /** Its control socket; null while it has no session: who runs a program then logs in by itself, and is told what is wrong. */
  get path(): string | null {
    return !this.#child.ended && existsSync(this.#path) ? this.#path : null;
  }

  stop(): void {
    this.#child.stop();
  }
}
