/** Texts of an answer that may be kept for longer than the answer. */

/** V8 copies shorter pieces anyway. */
const LONGEST_COPIED = 12;

/**
 * Returns a function that gives an equal text with memory of its own. V8 makes a longer piece cut out of a text a view of the whole: one server
 * name kept in a timeline would keep a megabyte. Equal texts of one answer are copied once.
 */
export function createDetacher(): (text: string) => string {
  const copies = new Map<string, string>();
  return (text) => {
    if (text.length <= LONGEST_COPIED) return text;
    const known = copies.get(text);
    if (known !== undefined) return known;
    const copy = Buffer.from(text, "utf8").toString("utf8");
    copies.set(copy, copy);
    return copy;
  };
}
