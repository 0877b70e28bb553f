/** Figures in words. Null is "?" and never a number. */

export const UNKNOWN = "?";
/** Does not apply, e.g. the lag of a node that follows nobody. */
export const NONE = "-";

/** An age or a time span: `12ms`, `3.4s`, `5m`, `2h`, `3d`. */
export function formatSpan(spanMs: number | null): string {
  if (spanMs === null) return UNKNOWN;
  if (spanMs < 1000) return `${Math.round(spanMs)}ms`;
  const seconds = spanMs / 1000;
  if (seconds < 10) return `${Math.floor(seconds * 10) / 10}s`;
  if (seconds < 120) return `${Math.floor(seconds)}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

export function formatSeconds(seconds: number | null): string {
  if (seconds === null) return UNKNOWN;
  return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(1)}s`;
}

export function formatCount(count: number | null): string {
  return count === null ? UNKNOWN : String(count);
}

/** `000012:4711`: number of the binary log file and offset, to keep tables narrow; unknown when either is. */
export function formatPosition(file: string | null, pos: number | null): string {
  return file === null || pos === null ? UNKNOWN : `${file.replace(/^.*\.(?=\d+$)/, "")}:${pos}`;
}
