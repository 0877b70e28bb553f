import { appendFileSync } from "node:fs";
import { describe } from "vitest";
import { type EngineName, engineState } from "./engines.ts";

/**
 * A suite that needs engines. Where one cannot be had the suite counts as skipped, and `npm test` prints the reason in its last lines.
 */
export function describeEngine(engines: EngineName | readonly EngineName[], title: string, body: () => void): void {
  const missing = [engines]
    .flat()
    .map(engineState)
    .filter((state) => !state.available);
  const file = process.env.SIGNALBOX_LAB_SKIPS;
  for (const { name, reason } of missing) {
    if (file) appendFileSync(file, `"${title}" needs ${name}: ${reason.replaceAll("\n", " ")}\n`);
  }
  describe.skipIf(missing.length > 0)(title, body);
}
