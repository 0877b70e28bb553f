/** Figures in few cells. Null is unknown and stays `?`: it is never 0. */

export const UNKNOWN = "?";

/** `0` … `9999`, `12k`, `3.4M`, `12G`; `?` when null. */
export function formatCount(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  if (Math.abs(value) < 10_000) return String(Math.round(value));
  return scaled(value, 1_000, ["", "k", "M", "G", "T"]);
}

/** Bytes in powers of 1,024: `512B`, `12K`, `3.4M`; `?` when null. */
export function formatBytes(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  if (value < 1_024) return `${Math.round(value)}B`;
  return scaled(value, 1_024, ["B", "K", "M", "G", "T", "P"]);
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let figure = value;
  let index = 0;
  while (Math.abs(figure) >= base && index < units.length - 1) {
    figure /= base;
    index += 1;
  }
  const text = Math.abs(figure) < 10 ? figure.toFixed(1) : String(Math.round(figure));
  return `${text}${units[index] ?? ""}`;
}
