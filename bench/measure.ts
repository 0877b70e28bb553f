/** Small shared pieces of the benches: budgets, medians, a table at the end. */
import { setTimeout as delay } from "node:timers/promises";
import { cpuMs } from "../test/support/program.ts";

export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Highest value allowed; null where a figure is only told. */
  readonly budget: number | null;
  readonly note?: string;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Nearest-rank percentile, `share` from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

/** CPU share of a process over a stretch of time, in percent of one core. */
export async function cpuPercent(pid: number, overMs: number): Promise<number> {
  const start = process.hrtime.bigint();
  const before = cpuMs(pid);
  await delay(overMs);
  const elapsedMs = Number(process.hrtime.bigint() - start) / 1e6;
  return ((cpuMs(pid) - before) / elapsedMs) * 100;
}

export function isWithinBudget(result: Result): boolean {
  return result.budget === null || result.value <= result.budget;
}

export function formatResults(results: readonly Result[]): string {
  const lines = results.map((result) => {
    const verdict = result.budget === null ? "    " : isWithinBudget(result) ? "ok  " : "OVER";
    const budget = result.budget === null ? "" : `budget ${result.budget} ${result.unit}`;
    const figure = `${result.value.toFixed(result.value < 100 ? 1 : 0)} ${result.unit}`;
    return `${verdict} ${result.name.padEnd(58)} ${figure.padStart(12)}   ${budget.padEnd(18)} ${result.note ?? ""}`.trimEnd();
  });
  return lines.join("\n");
}
