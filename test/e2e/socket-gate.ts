/** A door before the admin socket of a HAProxy: reading passes, changes can be kept on either side of it. */

import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Lab, LabHaproxy } from "../lab/index.ts";

/** What happens to a connection that brings a change. `refuse`: it reaches the socket of level operator, whose words HAProxy itself chooses. */
export type GateMode = "open" | "hold-request" | "hold-answer" | "refuse";

export class SocketGate {
  mode: GateMode = "open";
  /** Connections with a change that were not simply let through. */
  held = 0;
  readonly path: string;
  readonly #server: Server;
  readonly #haproxy: LabHaproxy;
  readonly #sockets = new Set<Socket>();

  private constructor(path: string, haproxy: LabHaproxy) {
    this.path = path;
    this.#haproxy = haproxy;
    // A client may close its side as soon as it has asked.
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#pass(client));
  }

  static async open(path: string, haproxy: LabHaproxy): Promise<SocketGate> {
    const gate = new SocketGate(path, haproxy);
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

  #pass(client: Socket): void {
    this.#track(client);
    client.once("data", (chunk: Buffer) => {
      const changes = chunk.includes("set server") || chunk.includes("shutdown sessions");
      const mode = changes ? this.mode : "open";
      if (mode !== "open") this.held += 1;
      if (mode === "hold-request") return;
      const { socketPath, operatorSocketPath } = this.#haproxy;
      const upstream = connect({ path: mode === "refuse" ? operatorSocketPath : socketPath, allowHalfOpen: true });
      this.#track(upstream);
      upstream.write(chunk);
      client.pipe(upstream);
      if (mode !== "hold-answer") upstream.pipe(client);
      client.on("close", () => upstream.destroy());
    });
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
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
