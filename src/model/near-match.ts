/** "Did you mean" for keys, choices, clusters and commands. */

/** Edits (insert, delete, replace, swap of neighbours) that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) best = Math.min(best, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}

/** The known word closest to a mistyped one, or null when none is close: at most a third of its letters differ. */
export function findNearMatch(word: string, known: readonly string[]): string | null {
  if (word.length > 64) return null;
  const plain = word.toLowerCase().replaceAll("-", "_");
  let best: { word: string; distance: number } | null = null;
  for (const candidate of known) {
    const distance = editDistance(plain, candidate.toLowerCase().replaceAll("-", "_"));
    const allowed = Math.max(1, Math.floor(Math.max(plain.length, candidate.length) / 3));
    if (distance <= allowed && (best === null || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word ?? null;
}
