/** Points in time as the server writes them. The simulated servers run in UTC. */

/** `2026-11-20 20:08:50`, with up to six decimals. */
export function formatDateTime(epochMs: number, decimals = 0): string {
  const iso = new Date(epochMs).toISOString();
  const fraction = `${iso.slice(20, 23)}000`.slice(0, decimals);
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${decimals > 0 ? `.${fraction}` : ""}`;
}

/** Unix milliseconds of such a text; null when it is none. */
export function parseDateTime(text: string): number | null {
  const parsed = Date.parse(`${text.trim().replace(" ", "T")}Z`);
  return Number.isNaN(parsed) ? null : parsed;
}
