/** How the small parsers of this folder say no: what is wrong, and what would be right. Neither ever holds a secret. */
export class TextError extends Error {
  override readonly name = "TextError";
  readonly hint: string | null;

  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}
