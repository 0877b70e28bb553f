/**
 * Who answered on the encrypted connection. Two things mysql2 3.24 lacks: it asks only names whether the certificate is for them (given an
 * IP address it compares with `localhost`, so that any certificate for localhost of the same authority passed, and the right one for the
 * address did not), and it replaces what went wrong by one code for everything.
 */
import { checkServerIdentity, type TLSSocket } from "node:tls";
import type { Connection } from "mysql2";
import { describeCertificate, type TlsEvidence } from "./tls-failure.ts";

/** The inner part of mysql2's connection used here; test/contract/mysql-tls.test.ts fails when it changes. */
interface Internals {
  readonly stream: TLSSocket;
  startTLS(onSecure: (error?: Error) => void): void;
}

/**
 * Keeps with every error of TLS what it was about (`TlsEvidence` in its field `tls`).
 * @param identity name or address the certificate must be for, else the login ends before any credential is sent; null: not asked
 */
export function watchTls(connection: Connection, identity: string | null): void {
  const inner = connection as unknown as Internals;
  const { startTLS } = inner;
  inner.startTLS = (onSecure) => {
    let shown: TlsEvidence["certificate"] = null;
    const finish = (error: Error | undefined) => {
      if (error !== undefined) Object.assign(error, { tls: { code: codeOf(error), certificate: shown, identity } });
      onSecure(error);
    };
    startTLS.call(connection, (error) =>
      finish(
        error ?? (identity === null ? undefined : checkServerIdentity(identity, inner.stream.getPeerCertificate())),
      ),
    );
    const socket = inner.stream;
    // Node takes the certificate away together with a connection it refuses; this runs before it judges.
    socket.prependOnceListener("secure", () => {
      shown = describeCertificate(socket.getPeerCertificate());
    });
  };
}

function codeOf(error: Error): string | null {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : null;
}
