/** Cuts only the wanted fields out of a line: at 5,000 servers the answers have 800,000 fields, of which a quarter is used. */

import { createDetacher } from "./detach.ts";

export interface FieldPlan {
  /** Slot among the wanted fields for each column position up to the last wanted one, -1 for one not wanted. */
  readonly slots: Int16Array;
  /** Number of wanted fields. */
  readonly width: number;
  /** Gives a field memory of its own, see detach.ts. */
  readonly detach: (text: string) => string;
}

/** Plan for lines under this header. A name given twice counts where it stands first. */
export function buildFieldPlan(header: readonly string[], wanted: readonly string[]): FieldPlan {
  const positions = wanted.map((name) => header.indexOf(name));
  const slots = new Int16Array(Math.max(-1, ...positions) + 1).fill(-1);
  positions.forEach((position, slot) => {
    if (position >= 0) slots[position] = slot;
  });
  return { slots, width: wanted.length, detach: createDetacher() };
}

/** The wanted fields of the line from `start` to before `end`, in the order they were asked for, "" where it lacks one. */
export function cutFields(
  text: string,
  start: number,
  end: number,
  separator: number,
  plan: FieldPlan,
): readonly string[] {
  const { slots, width, detach } = plan;
  const fields: string[] = new Array<string>(width).fill("");
  let column = 0;
  let from = start;
  for (let position = start; position <= end && column < slots.length; position += 1) {
    if (position < end && text.charCodeAt(position) !== separator) continue;
    const slot = slots[column] ?? -1;
    if (slot >= 0 && position > from) fields[slot] = detach(text.slice(from, position));
    column += 1;
    from = position + 1;
  }
  return fields;
}
