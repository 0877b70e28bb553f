/** Durations and clock times as people read them at a glance. */
import type { EpochMs } from "../../model/reading.ts";

/** `0s` … `59s`, `4m10s`, `3h05m`, `12d`. Seconds are folded away as the figure grows, so that cells change rarely. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 10) return `${minutes}m${pad(whole % 60)}s`;
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h${pad(minutes % 60)}m`;
  const days = Math.floor(hours / 24);
  return days < 10 ? `${days}d${pad(hours % 24)}h` : `${days}d`;
}

/** Coarse: one unit only, for figures that grow by themselves on a quiet screen (`45s`, `4m`, `3h`, `12d`). */
export function formatCoarse(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)}m`;
  if (whole < 86_400) return `${Math.floor(whole / 3_600)}h`;
  return `${Math.floor(whole / 86_400)}d`;
}

/** Age of a value in milliseconds: `<1s`, then as formatCoarse. */
export function formatAge(ageMs: number): string {
  return ageMs < 1_000 ? "<1s" : formatCoarse(ageMs / 1_000);
}

/** Local time of day, `HH:MM:SS`. */
export function formatClock(at: EpochMs): string {
  const time = new Date(at);
  return `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}`;
}

/** Local time of day, `HH:MM:SS.mmm`. */
export function formatClockMs(at: EpochMs): string {
  return `${formatClock(at)}.${String(new Date(at).getMilliseconds()).padStart(3, "0")}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
