/** The login of one connection: greeting, proof, and who it is. */
import { randomBytes } from "node:crypto";
import type { Account, Node, ProductName, World } from "../world/state.ts";
import { type SqlError, sqlErrors } from "./errors.ts";
import { buildAuthSwitch, buildGreeting, type HandshakeResponse, parseHandshakeResponse } from "./wire/handshake.ts";
import { cachingSha2Password, isProofOf, type LoginPlugin, nativePassword } from "./wire/proof.ts";

export type LoginStep =
  | { readonly kind: "ask"; readonly payload: Buffer }
  | { readonly kind: "refused"; readonly error: SqlError }
  | {
      readonly kind: "accepted";
      readonly account: Account;
      readonly response: HandshakeResponse;
      /** Sent before the OK. */
      readonly first: readonly Buffer[];
    };

export interface Login {
  readonly greeting: Buffer;
  /** Takes the client's next packet. @throws RangeError when it is no handshake */
  take(payload: Buffer): LoginStep;
}

interface Entrance {
  readonly plugin: LoginPlugin;
  readonly greetedVersion: (version: string) => string;
}

const entrances: Readonly<Record<ProductName, Entrance>> = {
  // MariaDB hides its major version behind this prefix for the sake of old replicas.
  mariadb: { plugin: nativePassword, greetedVersion: (version) => `5.5.5-${version}` },
  mysql: { plugin: cachingSha2Password, greetedVersion: (version) => version },
};

function createNonce(): Buffer {
  return Buffer.from(randomBytes(20).map((byte) => (byte % 126) + 1));
}

/** @param peerHost address of the client, for the text of error 1045 */
export function createLogin(world: World, node: Node, connectionId: number, peerHost: string): Login {
  const { plugin, greetedVersion } = entrances[node.product];
  const nonce = createNonce();
  let asked: HandshakeResponse | null = null;
  const judge = (response: HandshakeResponse, proof: Buffer): LoginStep => {
    const account = world.accounts.find(({ user }) => user === response.user);
    if (account === undefined || !isProofOf(plugin, account.password, nonce, proof))
      return { kind: "refused", error: sqlErrors.accessDenied(response.user, peerHost, proof.length > 0) };
    const first = plugin.accepted === null || proof.length === 0 ? [] : [plugin.accepted];
    return { kind: "accepted", account, response, first };
  };
  return {
    greeting: buildGreeting(greetedVersion(node.version), plugin.name, connectionId, nonce),
    take: (payload) => {
      if (asked !== null) return judge(asked, payload);
      const response = parseHandshakeResponse(payload);
      if (response.plugin === null || response.plugin === plugin.name) return judge(response, response.proof);
      asked = response;
      return { kind: "ask", payload: buildAuthSwitch(plugin.name, nonce) };
    },
  };
}
