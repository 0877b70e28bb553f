/** A word that is offered at Tab. */
export interface Candidate {
  readonly word: string;
  /** Empty where there is nothing to say. */
  readonly about: string;
}

/** Words that say what they are. */
export const plain = (words: readonly string[]): readonly Candidate[] => words.map((word) => ({ word, about: "" }));
