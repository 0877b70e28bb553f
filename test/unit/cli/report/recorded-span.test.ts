import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatSpanReport, viewSpanReport } from "../../../../src/cli/report/format-report.ts";
import { reportRecording } from "../../../../src/cli/report/write-report.ts";
import type { Alert } from "../../../../src/model/alert.ts";
import type { ChangeEvent } from "../../../../src/model/change.ts";
import { FIRST_LINE, HEADER_BYTES, parseHeader } from "../../../../src/recording/file-format.ts";
import { START } from "../../../support/snapshots.ts";
import { at, createFolder, encode, HEAD, open, seen, writeChunks } from "../../recording/support.ts";

const ALERT: Alert = {
  code: "node-unreachable",
  severity: "critical",
  node: "db1",
  subject: "db1",
  message: "db1 does not answer",
  advice: "Check that the host is up.",
};

/** Turns a bit in what the first chunk of pictures holds; its header stays as it is. */
function damageFirstPicture(path: string): void {
  const bytes = readFileSync(path);
  for (let from = FIRST_LINE.length; from < bytes.length; ) {
    const header = parseHeader(bytes.subarray(from));
    if (header === null) throw new Error("not a chunk");
    const payload = from + HEADER_BYTES;
    if (header.kind === "frames") {
      bytes[payload + 3] = (bytes[payload + 3] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      return;
    }
    from = payload + header.packedBytes;
  }
}

describe("the report of a recording", () => {
  it("does not claim that no alert stood when it cannot read what stood at the beginning", async () => {
    const path = join(createFolder(), "a.sbrec");
    const standing = { alerts: [ALERT] };
    await writeChunks(path, encode([0, 1, 2].map((second) => seen(at(second, standing)))));
    const whole = await reportRecording(await open(path), START, null);
    expect(whole.recorded?.alerts).toMatchObject([
      { subject: "node-unreachable db1", raisedAt: null, clearedAt: null },
    ]);
    expect(viewSpanReport(whole).complete).toBe(true);
    damageFirstPicture(path);
    const report = await reportRecording(await open(path), START, null);
    const text = formatSpanReport(report);
    expect(text).toContain("No alert stood in what can be read of this span.");
    expect(text).toContain("- Alerts: none in what can be read\n");
    expect(text).toContain("- **Damaged**: 1 part of the recording could not be read.");
    expect(viewSpanReport(report).complete).toBe(false);
  });

  it("says that no alert stood where it has seen all of it", async () => {
    const path = join(createFolder(), "a.sbrec");
    await writeChunks(path, encode([0, 1, 2].map((second) => seen(at(second)))));
    const text = formatSpanReport(await reportRecording(await open(path), START, null));
    expect(text).toContain("- Alerts: none\n");
    expect(text).toContain("No alert stood in this span.");
  });

  it("tells that the alert hook failed: nobody was paged", async () => {
    const path = join(createFolder(), "a.sbrec");
    const after = "node-unreachable db1 raised was not told: the program ended with 1";
    const said = {
      at: START + 1_000,
      cluster: "shop",
      kind: "alert",
      severity: "info",
      subject: "alert hook",
      before: "",
    };
    const changes = [{ ...said, after } as ChangeEvent];
    await writeChunks(path, encode([seen(at(0)), seen(at(1, {}, { changes }))]));
    const text = formatSpanReport(await reportRecording(await open(path), START, null));
    expect(text).toContain("was not told: the program ended with 1");
  });

  it("finds no gap between pictures that were taken as seldom as was asked for, and one where two are missing", async () => {
    const path = join(createFolder(), "a.sbrec");
    const seconds = [0, 30, 60, 90, 210, 240];
    const events = seconds.map((second) => seen(at(second, {}, { intervalMs: 30_000 })));
    await writeChunks(path, encode(events), { ...HEAD, intervalMs: 30_000 });
    const { recorded } = await reportRecording(await open(path), START, null);
    expect(recorded?.gaps).toEqual([{ from: START + 90_000, to: START + 210_000 }]);
  });

  it("finds a gap wherever it begins, and tells that the report is not whole", async () => {
    // Chunks end every five seconds: it begins in the midst of one, at its end, and at its beginning.
    for (const last of [7, 8, 9, 10, 11]) {
      const path = join(createFolder(), `${last}.sbrec`);
      const seconds = [...Array(last + 1).keys(), ...[0, 1, 2, 3, 4, 5, 6, 7].map((second) => last + 9 + second)];
      const events = seconds.map((second) => seen(at(second, {}, { intervalMs: 1_000 })));
      await writeChunks(path, encode(events), { ...HEAD, intervalMs: 1_000 });
      const report = await reportRecording(await open(path), START, null);
      const gap = { from: START + last * 1_000, to: START + (last + 9) * 1_000 };
      expect(report.recorded?.gaps).toEqual([gap]);
      expect(formatSpanReport(report)).toContain("**Gap**: nothing was recorded for 9 s");
      expect(viewSpanReport(report).complete).toBe(false);
    }
  });
});
