/** TLS modes of the configuration as options of the client library. */
import { readFile } from "node:fs/promises";
import type { SslOptions } from "mysql2";
import type { TlsSettings } from "../../model/settings.ts";
import { DriverError } from "../errors.ts";

/**
 * Options of one mode; null for `off`. `preferred` and `required` encrypt without asking who the other side is, as the servers' own
 * clients do. The name in the certificate is checked by server-identity.ts, not by the library.
 * @throws DriverError kind `tls` when a file cannot be read
 */
export async function buildTlsOptions(tls: TlsSettings, target: string): Promise<SslOptions | null> {
  if (tls.mode === "off") return null;
  const [ca, cert, key] = await Promise.all([
    readPem(tls.caFile, "ca", target),
    readPem(tls.certFile, "cert", target),
    readPem(tls.keyFile, "key", target),
  ]);
  return {
    rejectUnauthorized: tls.mode === "verify-ca" || tls.mode === "verify-identity",
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  };
}

/** `buildTlsOptions` once for all connections of a driver; what failed is tried again, because a file may be there next time. */
export function createTlsLoader(tls: TlsSettings, target: string): () => Promise<SslOptions | null> {
  let loaded: Promise<SslOptions | null> | null = null;
  return () => {
    loaded ??= buildTlsOptions(tls, target).catch((error: unknown) => {
      loaded = null;
      throw error;
    });
    return loaded;
  };
}

async function readPem(path: string | null, setting: string, target: string): Promise<string | null> {
  if (path === null) return null;
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? null;
    throw new DriverError({
      kind: "tls",
      target,
      operation: "connect",
      message: `${target}: connect: the file of tls ${setting} cannot be read: ${path} (${code})`,
      advice: `Check the path and the permissions of ${path}.`,
      serverCode: code,
      cause,
    });
  }
}
