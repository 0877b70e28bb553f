/** Bytes of a client to packets, however they are cut into chunks. */

export interface Packet {
  readonly sequence: number;
  readonly payload: Buffer;
}

export interface PacketReader {
  /** Complete packets after this chunk. @throws RangeError when a client announces more than the limit. */
  push(chunk: Buffer): Packet[];
}

/** @param limitBytes longest payload accepted (max_allowed_packet); real clients of a console need very little. */
export function createPacketReader(limitBytes: number): PacketReader {
  let pending: Buffer = Buffer.alloc(0);
  return {
    push: (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const packets: Packet[] = [];
      while (pending.length >= 4) {
        const length = pending.readUIntLE(0, 3);
        if (length > limitBytes) throw new RangeError(`packet of ${length} bytes`);
        if (pending.length < 4 + length) break;
        packets.push({ sequence: pending[3] ?? 0, payload: pending.subarray(4, 4 + length) });
        pending = pending.subarray(4 + length);
      }
      return packets;
    },
  };
}
