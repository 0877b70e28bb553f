/** TLS modes of the configuration as options of the client library. */
import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { SslOptions } from "mysql2";
import type { TlsSettings } from "../../model/settings.ts";
import { DriverError } from "../errors.ts";
import { readPlainFile } from "../read-plain-file.ts";

/**
 * Options of one mode; null for `off`. `preferred` and `required` encrypt without asking who the other side is, as the servers' own
 * clients do. The name in the certificate is checked by server-identity.ts, not by the library.
 * @throws DriverError kind `tls` when a file cannot be read or used
 */
export async function buildTlsOptions(tls: TlsSettings, target: string): Promise<SslOptions | null> {
  if (tls.mode === "off") return null;
  const [ca, cert, key] = await Promise.all([
    readPem(tls.caFile, "ca", target),
    readPem(tls.certFile, "cert", target),
    readPem(tls.keyFile, "key", target),
  ]);
  // OpenSSL takes a ca file without any certificate as an empty list, and then every server is unknown.
  if (ca !== null) requireCertificate(ca, "ca", tls.caFile, target);
  if (cert !== null) requireCertificate(cert, "cert", tls.certFile, target);
  if (cert !== null && key !== null) requirePair(cert, key, tls, target);
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
    return (await readPlainFile(path)).toString("utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const what = `the file of tls ${setting} cannot be read: ${path} (${code ?? message})`;
    throw fileError(target, what, `Check the path and the permissions of ${path}.`, cause);
  }
}

const certificateBlock = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END/;

function requireCertificate(pem: string, setting: string, path: string | null, target: string): void {
  const advice = "It must be PEM text: lines between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----.";
  if (!certificateBlock.test(pem)) {
    throw fileError(target, `the file of tls ${setting} holds no certificate: ${path}`, advice, null);
  }
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw fileError(target, `the certificate of tls ${setting} cannot be understood: ${path}`, advice, cause);
  }
}

function requirePair(cert: string, key: string, { certFile, keyFile }: TlsSettings, target: string): void {
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH") {
      const what = `the key ${keyFile} does not belong to the certificate ${certFile}`;
      throw fileError(target, what, "Set cert: and key: to the two files that were made together.", cause);
    }
    if (key.includes("ENCRYPTED")) {
      const advice = `Keep it without one, readable by you only: openssl pkey -in ${keyFile} -out NEW, chmod 600 NEW.`;
      throw fileError(target, `the key ${keyFile} is protected by a passphrase, which is not asked for`, advice, cause);
    }
    throw fileError(
      target,
      `the key ${keyFile} cannot be used (${code})`,
      "It must be a private key as PEM text.",
      cause,
    );
  }
}

/** Words about a file of ours; what the library says may quote it. */
function fileError(target: string, what: string, advice: string, cause: unknown): DriverError {
  const code = (cause as { code?: string } | null)?.code ?? null;
  return new DriverError({
    kind: "tls",
    target,
    operation: "connect",
    message: `${target}: connect: ${what}`,
    advice,
    serverCode: code,
    cause,
  });
}
