/** Puts steps in order: groups run one after another, steps of one group in parallel; numbers are those of the drafts, from 1. */
import type { StepDraft } from "../commands/command.ts";
import type { Move } from "./move.ts";

export interface Sheet {
  /** One group; nothing for an empty list. Returns the numbers of its steps, in order. */
  group(moves: readonly Move[]): readonly number[];
  /** Several chains side by side: the first steps of all are one group, then the second ones; each step needs the one before it in its chain. */
  chains(chains: readonly (readonly Move[])[]): void;
  drafts(): readonly StepDraft[];
}

export function createSheet(): Sheet {
  const drafts: StepDraft[] = [];
  let groups = 0;
  const group = (moves: readonly Move[]): readonly number[] => {
    if (moves.length === 0) return [];
    groups += 1;
    return moves.map((move) => drafts.push({ ...move, group: groups }));
  };
  return {
    group,
    chains(chains) {
      const last = chains.map((): number | null => null);
      const longest = Math.max(0, ...chains.map(({ length }) => length));
      for (let level = 0; level < longest; level += 1) {
        const row = chains.flatMap((chain, index) => {
          const move = chain[level];
          return move === undefined ? [] : [{ move, index }];
        });
        const numbers = group(
          row.map(({ move, index }) => {
            const before = last[index] ?? null;
            return before === null ? move : { ...move, needs: [...(move.needs ?? []), before] };
          }),
        );
        row.forEach(({ index }, at) => {
          last[index] = numbers[at] ?? null;
        });
      }
    },
    drafts: () => drafts,
  };
}
