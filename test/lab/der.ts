/** As much of DER and X.509 as certificates of a test need: node:crypto reads certificates, but makes none. Facts: RFC 5280, X.690. */
import { type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

export interface CertificateShape {
  readonly commonName: string;
  /** Host names and IPv4 addresses the certificate is for. */
  readonly names?: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isCa?: boolean;
}

export interface Issuer {
  readonly commonName: string;
  readonly key: KeyObject;
}

const sequence = 0x30;
const integer = 0x02;
const ecdsaWithSha256 = der(sequence, oid("1.2.840.10045.4.3.2"));

/** A certificate for a P-256 public key, as PEM. */
export function buildCertificate(shape: CertificateShape, publicKey: KeyObject, issuer: Issuer): string {
  const body = der(
    sequence,
    der(0xa0, der(integer, Buffer.from([2]))),
    // The top bit of a positive number is 0.
    der(integer, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    buildName(issuer.commonName),
    der(sequence, buildTime(shape.notBefore), buildTime(shape.notAfter)),
    buildName(shape.commonName),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(sequence, ...buildExtensions(shape))),
  );
  const certificate = der(sequence, body, ecdsaWithSha256, bitString(sign("sha256", body, issuer.key)));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function buildExtensions({ isCa = false, names = [] }: CertificateShape): Buffer[] {
  const basic = der(sequence, ...(isCa ? [der(0x01, Buffer.from([0xff]))] : []));
  const altNames = names.map((name) =>
    isIP(name) === 4 ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name)),
  );
  return [
    extension("2.5.29.19", basic),
    ...(altNames.length > 0 ? [extension("2.5.29.17", der(sequence, ...altNames))] : []),
  ];
}

function extension(id: string, value: Buffer): Buffer {
  return der(sequence, oid(id), der(0x04, value));
}

function buildName(commonName: string): Buffer {
  return der(sequence, der(0x31, der(sequence, oid("2.5.4.3"), der(0x0c, Buffer.from(commonName)))));
}

function buildTime(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]|\.\d+/g, "");
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.from([0]), bytes);
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest.flatMap(base128)];
  return der(0x06, Buffer.from(bytes));
}

function base128(number: number): number[] {
  const low = [number & 0x7f];
  for (let left = number >> 7; left > 0; left >>= 7) low.unshift((left & 0x7f) | 0x80);
  return low;
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
