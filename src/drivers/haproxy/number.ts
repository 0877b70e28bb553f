/** A whole number as HAProxy prints it, sign allowed; null for an empty or any other text. Unknown never becomes 0. */
export function parseCount(text: string | undefined): number | null {
  if (text === undefined || text === "") return null;
  const value = Number(text);
  return Number.isFinite(value) && text.trim() === text ? value : null;
}
