/** The login of one connection: greeting, proof, and who it is. */
import { randomBytes } from "node:crypto";
import type { Account, World } from "../world/state.ts";
import { type SqlError, sqlErrors } from "./errors.ts";
import {
  buildAuthSwitch,
  buildGreeting,
  type HandshakeResponse,
  isProofOf,
  parseHandshakeResponse,
  usesNativePassword,
} from "./wire/handshake.ts";

export type LoginStep =
  | { readonly kind: "ask"; readonly payload: Buffer }
  | { readonly kind: "refused"; readonly error: SqlError }
  | { readonly kind: "accepted"; readonly account: Account; readonly response: HandshakeResponse };

export interface Login {
  readonly greeting: Buffer;
  /** Takes the client's next packet. @throws RangeError when it is no handshake */
  take(payload: Buffer): LoginStep;
}

function createNonce(): Buffer {
  return Buffer.from(randomBytes(20).map((byte) => (byte % 126) + 1));
}

/** @param peerHost address of the client, for the text of error 1045 */
export function createLogin(world: World, version: string, connectionId: number, peerHost: string): Login {
  const nonce = createNonce();
  let asked: HandshakeResponse | null = null;
  const judge = (response: HandshakeResponse, proof: Buffer): LoginStep => {
    const account = world.accounts.find(({ user }) => user === response.user);
    return account !== undefined && isProofOf(account.password, nonce, proof)
      ? { kind: "accepted", account, response }
      : { kind: "refused", error: sqlErrors.accessDenied(response.user, peerHost, proof.length > 0) };
  };
  return {
    greeting: buildGreeting(version, connectionId, nonce),
    take: (payload) => {
      if (asked !== null) return judge(asked, payload);
      const response = parseHandshakeResponse(payload);
      if (usesNativePassword(response)) return judge(response, response.proof);
      asked = response;
      return { kind: "ask", payload: buildAuthSwitch(nonce) };
    },
  };
}
