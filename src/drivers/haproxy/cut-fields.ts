/** Cuts only the wanted fields out of a line: at 5,000 servers the answers have 800,000 fields, of which a quarter is used. */

/** Slot among the wanted fields for each column position, -1 for one not wanted. A name given twice counts where it stands first. */
export function buildSlots(header: readonly string[], wanted: readonly string[]): Int16Array {
  const slots = new Int16Array(header.length).fill(-1);
  wanted.forEach((name, slot) => {
    const position = header.indexOf(name);
    if (position >= 0) slots[position] = slot;
  });
  return slots;
}

export interface CutFields {
  /** The wanted fields in the order they were asked for, "" where the line lacks one. */
  readonly fields: readonly string[];
  /** Fields of the line, wanted or not. */
  readonly fieldCount: number;
}

/** One pass over `text` from `start` to before `end`; `width` is the number of wanted fields. */
export function cutFields(
  text: string,
  start: number,
  end: number,
  separator: number,
  slots: Int16Array,
  width: number,
): CutFields {
  const fields: string[] = new Array<string>(width).fill("");
  let column = 0;
  let from = start;
  for (let position = start; position <= end; position += 1) {
    if (position < end && text.charCodeAt(position) !== separator) continue;
    const slot = slots[column] ?? -1;
    if (slot >= 0 && position > from) fields[slot] = text.slice(from, position);
    column += 1;
    from = position + 1;
  }
  return { fields, fieldCount: column };
}
