/** Payloads of the MySQL client/server protocol, built from parts. */

export function encodeLength(value: number): Buffer {
  if (value < 251) return Buffer.from([value]);
  const bytes = value < 0x1_0000 ? 2 : value < 0x100_0000 ? 3 : 8;
  const buffer = Buffer.alloc(bytes + 1);
  buffer[0] = bytes === 2 ? 0xfc : bytes === 3 ? 0xfd : 0xfe;
  if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value), 1);
  else buffer.writeUIntLE(value, 1, bytes);
  return buffer;
}

export function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([encodeLength(bytes.length), bytes]);
}

export function encodeInteger(value: number, bytes: 1 | 2 | 3 | 4): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value >>> 0, 0, bytes);
  return buffer;
}

const largestPayload = 0xff_ffff;

/** Splits payloads into packets with rising sequence numbers, beginning with `firstSequence`. */
export function framePackets(payloads: readonly Buffer[], firstSequence: number): Buffer {
  const parts: Buffer[] = [];
  let sequence = firstSequence;
  for (const payload of payloads) {
    for (let offset = 0; ; offset += largestPayload) {
      const piece = payload.subarray(offset, offset + largestPayload);
      const header = Buffer.alloc(4);
      header.writeUIntLE(piece.length, 0, 3);
      header[3] = sequence & 0xff;
      sequence += 1;
      parts.push(header, piece);
      if (piece.length < largestPayload) break;
    }
  }
  return Buffer.concat(parts);
}
