/** Certificates made on the fly, good ones and every kind of bad one, and servers that use them. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildCertificate, type CertificateShape } from "./der.ts";
import type { LabNode } from "./node.ts";

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export type ServerCertificate = "good" | "expired" | "notYetValid" | "wrongName" | "otherCa" | "selfSigned";
export type ClientCertificate = "client" | "expiredClient" | "otherClient";

export interface LabTls {
  /** File of the authority that signed all but `otherCa`, `otherClient` and `selfSigned`. */
  readonly ca: string;
  readonly otherCa: string;
  readonly files: Readonly<Record<ServerCertificate | ClientCertificate, CertificateFiles>>;
  /** Server options for {@link LabNode.restart}; the certificate is `good` until {@link useCertificate}. */
  readonly serverArgs: readonly string[];
  readonly inUse: CertificateFiles;
}

const DAY_MS = 86_400_000;
const fromNow = (days: number): Date => new Date(Date.now() + days * DAY_MS);
const valid = { notBefore: fromNow(-1), notAfter: fromNow(30) };
const names = ["localhost", "127.0.0.1", "db1.example.com"];

interface Authority {
  readonly commonName: string;
  readonly key: KeyObject;
  readonly file: string;
}

function makeKey() {
  return generateKeyPairSync("ec", { namedCurve: "prime256v1" });
}

function makeAuthority(dir: string, name: string): Authority {
  const { publicKey, privateKey } = makeKey();
  const commonName = `signalbox lab ${name}`;
  const file = join(dir, `${name}.pem`);
  const issuer = { commonName, key: privateKey };
  writeFileSync(file, buildCertificate({ commonName, ...valid, isCa: true }, publicKey, issuer));
  return { ...issuer, file };
}

/** @param authority null: signed by itself */
function makeFiles(dir: string, name: string, shape: CertificateShape, authority: Authority | null): CertificateFiles {
  const { publicKey, privateKey } = makeKey();
  const files = { cert: join(dir, `${name}.pem`), key: join(dir, `${name}.key`) };
  const issuer = authority ?? { commonName: shape.commonName, key: privateKey };
  writeFileSync(files.cert, buildCertificate(shape, publicKey, issuer));
  writeFileSync(files.key, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  return files;
}

/** Makes the certificates in `dir`. The good ones are for localhost, 127.0.0.1 and db1.example.com, for 30 days. */
export function makeLabTls(dir: string): LabTls {
  mkdirSync(dir, { recursive: true });
  const ca = makeAuthority(dir, "ca");
  const otherCa = makeAuthority(dir, "other-ca");
  const server = { commonName: "db1.example.com", names, ...valid };
  const client = { commonName: "signalbox", ...valid };
  const past = { notBefore: fromNow(-9), notAfter: fromNow(-2) };
  const files = {
    good: makeFiles(dir, "good", server, ca),
    expired: makeFiles(dir, "expired", { ...server, ...past }, ca),
    notYetValid: makeFiles(dir, "not-yet-valid", { ...server, notBefore: fromNow(2), notAfter: fromNow(9) }, ca),
    wrongName: makeFiles(dir, "wrong-name", { ...server, names: ["db9.example.com", "127.0.0.9"] }, ca),
    otherCa: makeFiles(dir, "by-other-ca", server, otherCa),
    selfSigned: makeFiles(dir, "self-signed", server, null),
    client: makeFiles(dir, "client", client, ca),
    expiredClient: makeFiles(dir, "expired-client", { ...client, ...past }, ca),
    otherClient: makeFiles(dir, "other-client", client, otherCa),
  };
  const inUse = { cert: join(dir, "server.pem"), key: join(dir, "server.key") };
  place(files.good, inUse);
  const serverArgs = [`--ssl-ca=${ca.file}`, `--ssl-cert=${inUse.cert}`, `--ssl-key=${inUse.key}`];
  return { ca: ca.file, otherCa: otherCa.file, files, serverArgs, inUse };
}

function place(from: CertificateFiles, to: CertificateFiles): void {
  copyFileSync(from.cert, to.cert);
  copyFileSync(from.key, to.key);
}

/**
 * The server shows this certificate to every new connection. MySQL takes no bad one at run time, only at its start (it warns in its log
 * and goes on), so it is restarted; MariaDB must have been started with `serverArgs`.
 */
export async function useCertificate(node: LabNode, tls: LabTls, name: ServerCertificate): Promise<void> {
  place(tls.files[name], tls.inUse);
  if (node.flavor === "mariadb") await node.query("FLUSH SSL");
  else await node.restart(tls.serverArgs);
}
