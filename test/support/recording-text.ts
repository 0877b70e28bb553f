/** Everything that stands in a recording, inflated: for looking for what must not be in it. */
import { readFileSync } from "node:fs";
import { extendDictionary, unpackChunk } from "../../src/recording/chunk.ts";
import { FIRST_LINE, HEADER_BYTES, parseHeader } from "../../src/recording/file-format.ts";

/** @throws Error for a file that is not whole */
export function readRecordingText(path: string): string {
  const bytes = readFileSync(path);
  const texts: string[] = [];
  let dictionary: Buffer | null = null;
  for (let offset = FIRST_LINE.length; offset < bytes.length; ) {
    const header = parseHeader(bytes.subarray(offset));
    if (header === null) throw new Error(`no chunk at ${offset}`);
    const isFrames = header.kind === "frames";
    if (header.startsGroup && isFrames) dictionary = null;
    offset += HEADER_BYTES;
    const payload = bytes.subarray(offset, offset + header.packedBytes);
    const text = unpackChunk(header, payload, isFrames ? dictionary : null);
    if (isFrames) dictionary = extendDictionary(dictionary, text);
    texts.push(text.toString("utf8"));
    offset += header.packedBytes;
  }
  return texts.join("\n");
}
