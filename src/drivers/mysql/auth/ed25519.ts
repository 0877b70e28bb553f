/**
 * The signature MariaDB's ed25519 plugin asks for: Ed25519 (RFC 8032) with the password itself, of any length, in place of the 32 byte
 * seed; node:crypto takes seeds of 32 bytes only. One signature per login: clarity stands before speed.
 */
import { createHash } from "node:crypto";

const p = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const d = modulo(-121665n * power(121666n, p - 2n));

interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

const zero: Point = { x: 0n, y: 1n, z: 1n, t: 0n };
const base: Point = affine(
  15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  46316835694926478169428394003475163141307993866256225615783033603165251855960n,
);

/** 64 bytes, R and S. @param message the server's challenge */
export function signWithPassword(password: string, message: Buffer): Buffer {
  const { scalar, prefix, publicKey } = deriveKey(password);
  const nonce = toNumber(sha512(prefix, message)) % order;
  const r = encode(multiply(base, nonce));
  const challenge = toNumber(sha512(r, publicKey, message)) % order;
  return Buffer.concat([r, toBytes((nonce + challenge * scalar) % order)]);
}

/** What the server keeps of a password. */
export function buildPublicKey(password: string): Buffer {
  return deriveKey(password).publicKey;
}

function deriveKey(password: string): { scalar: bigint; prefix: Buffer; publicKey: Buffer } {
  const digest = sha512(Buffer.from(password, "utf8"));
  const low = Buffer.from(digest.subarray(0, 32));
  low.writeUInt8(low.readUInt8(0) & 248, 0);
  low.writeUInt8((low.readUInt8(31) & 63) | 64, 31);
  const scalar = toNumber(low);
  return { scalar, prefix: digest.subarray(32), publicKey: encode(multiply(base, scalar)) };
}

/** Every bit costs the same two operations, whatever its value. */
function multiply(point: Point, factor: bigint): Point {
  let result = zero;
  for (let bit = 255n; bit >= 0n; bit--) {
    const doubled = add(result, result);
    const added = add(doubled, point);
    result = (factor >> bit) & 1n ? added : doubled;
  }
  return result;
}

/** Complete addition on the twisted Edwards curve with a = -1, extended coordinates (RFC 8032, 5.1.4). */
function add(one: Point, two: Point): Point {
  const a = modulo((one.y - one.x) * (two.y - two.x));
  const b = modulo((one.y + one.x) * (two.y + two.x));
  const c = modulo(2n * one.t * two.t * d);
  const e = modulo(2n * one.z * two.z);
  const [f, g, h, i] = [b - a, e - c, e + c, b + a];
  return { x: modulo(f * g), y: modulo(h * i), z: modulo(g * h), t: modulo(f * i) };
}

function encode({ x, y, z }: Point): Buffer {
  const inverse = power(z, p - 2n);
  const bytes = toBytes(modulo(y * inverse));
  bytes.writeUInt8(bytes.readUInt8(31) | Number((modulo(x * inverse) & 1n) << 7n), 31);
  return bytes;
}

function affine(x: bigint, y: bigint): Point {
  return { x, y, z: 1n, t: modulo(x * y) };
}

function modulo(number: bigint): bigint {
  const rest = number % p;
  return rest < 0n ? rest + p : rest;
}

function power(number: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = modulo(number);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = modulo(result * square);
    square = modulo(square * square);
  }
  return result;
}

function toNumber(littleEndian: Buffer): bigint {
  return BigInt(`0x${Buffer.from(littleEndian).reverse().toString("hex")}`);
}

function toBytes(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, "0"), "hex").reverse();
}

function sha512(...parts: readonly Buffer[]): Buffer {
  const hash = createHash("sha512");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
