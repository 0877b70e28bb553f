/** Makes the new value of the one before and a patch. What did not change is the very same object as before. */
import { ARRAY, END, KEEP, OBJECT, type Patch, SET, SHIFT } from "./patch.ts";

/** Returns the new value; `before` stays as it was. @throws Error when the patch was not made for `before` */
export function applyPatch(before: unknown, patch: Patch): unknown {
  const reader = new PatchReader(patch);
  const after = reader.read(before);
  if (!reader.done) throw new Error("patch: more than the value has places for");
  return after;
}

class PatchReader {
  readonly #patch: Patch;
  #position = 0;

  constructor(patch: Patch) {
    this.#patch = patch;
  }

  get done(): boolean {
    return this.#position === this.#patch.length;
  }

  read(before: unknown): unknown {
    const op = this.#next();
    switch (op) {
      case KEEP:
        return before;
      case SET:
        return this.#next();
      case OBJECT:
        if (typeof before === "object" && before !== null) return this.#readObject(before);
        break;
      case ARRAY:
        if (Array.isArray(before)) return this.#readArray(before);
        break;
      case SHIFT:
        if (Array.isArray(before)) return this.#readShift(before);
        break;
    }
    throw new Error(`patch: ${String(op)} does not fit the value it is for`);
  }

  #next(): unknown {
    if (this.#position >= this.#patch.length) throw new Error("patch: it ends too early");
    this.#position += 1;
    return this.#patch[this.#position - 1];
  }

  #nextCount(): number {
    const count = this.#next();
    if (typeof count !== "number") throw new Error("patch: a number is missing");
    return count;
  }

  #readObject(before: object): object {
    const after: Record<string, unknown> = { ...before };
    let wanted = this.#nextCount();
    let position = 0;
    for (const key in after) {
      if (position === wanted) {
        after[key] = this.read(after[key]);
        wanted = this.#nextCount();
      }
      position += 1;
      if (wanted === END) return after;
    }
    throw new Error("patch: a key is missing");
  }

  #readArray(before: readonly unknown[]): unknown[] {
    const length = this.#nextCount();
    const after = before.slice(0, length);
    for (let index = this.#nextCount(); index !== END; index = this.#nextCount())
      after[index] = this.read(after[index]);
    if (after.length !== length) throw new Error("patch: an item is missing");
    return after;
  }

  #readShift(before: readonly unknown[]): unknown[] {
    const dropped = this.#nextCount();
    const added = this.#nextCount();
    const after = before.slice(dropped);
    for (let count = 0; count < added; count += 1) after.push(this.#next());
    return after;
  }
}
