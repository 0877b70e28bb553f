/** A door before the admin socket of a HAProxy: reading passes, changes can be kept on either side of it. */

import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Lab } from "../lab/index.ts";

/** What happens to a connection that brings a change. */
export type GateMode = "open" | "hold-request" | "hold-answer";

export class SocketGate {
  mode: GateMode = "open";
  /** Connections with a change that are kept. */
  held = 0;
  readonly path: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(path: string, target: string) {
    this.path = path;
    this.#server = createServer((client) => this.#pass(client, target));
  }

  static async open(path: string, target: string): Promise<SocketGate> {
    const gate = new SocketGate(path, target);
    await new Promise<void>((resolve, reject) => {
      gate.#server.once("error", reject);
      gate.#server.listen(path, resolve);
    });
    return gate;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(client: Socket, target: string): void {
    const upstream = connect({ path: target });
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
    }
    let keepsAnswer = false;
    client.on("data", (chunk: Buffer) => {
      const changes = chunk.includes("set server") || chunk.includes("shutdown sessions");
      if (changes && this.mode !== "open") {
        this.held += 1;
        if (this.mode === "hold-request") return;
        keepsAnswer = true;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk: Buffer) => {
      if (!keepsAnswer) client.write(chunk);
    });
    client.on("end", () => upstream.end());
    upstream.on("end", () => {
      if (!keepsAnswer) client.end();
    });
    client.on("close", () => upstream.destroy());
  }
}

/** A copy of the lab's config file with another socket for one HAProxy. */
export function writeConfigWith(lab: Lab, file: string, haproxy: string, socketPath: string): string {
  const config = parse(readFileSync(lab.configPath, "utf8"));
  for (const each of config.clusters[0].haproxy) if (each.name === haproxy) each.socket = `unix://${socketPath}`;
  const path = join(lab.dir, file);
  writeFileSync(path, stringify(config), { mode: 0o600 });
  return path;
}
