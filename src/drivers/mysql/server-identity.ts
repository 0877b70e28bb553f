/**
 * Is the certificate for the host we wanted? mysql2 3.24 asks that only for names: given an IP address it compares the certificate with
 * `localhost`, so that any certificate for localhost of the same authority passed, and the right one for the address did not.
 */
import { checkServerIdentity, type TLSSocket } from "node:tls";
import type { Connection } from "mysql2";

/** The inner part of mysql2's connection used here; test/contract/mysql-reader-settings.test.ts fails when it changes. */
interface Internals {
  readonly stream: TLSSocket;
  startTLS(onSecure: (error?: Error) => void): void;
}

/** Ends the login with a TLS error, before any credential is sent, when the certificate does not name `host` (name or address). */
export function requireIdentity(connection: Connection, host: string): void {
  const inner = connection as unknown as Internals;
  const { startTLS } = inner;
  inner.startTLS = (onSecure) =>
    startTLS.call(connection, (error) =>
      onSecure(error ?? checkServerIdentity(host, inner.stream.getPeerCertificate())),
    );
}
