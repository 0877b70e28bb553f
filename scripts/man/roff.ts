/** Text for man(7): everything that roff would take for a request or a sign of its own is escaped, and only ASCII is left. */

/** One line of running text. */
export function escapeText(text: string): string {
  const signs = [
    ...text
      .replace(/[\s\u0000-\u001f\u007f]+/g, " ")
      .replaceAll("\\", "\\e")
      .replaceAll("-", "\\-"),
  ].map((sign) => (sign <= "~" ? sign : `\\[u${sign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}]`));
  // Typewriter quotes, not the typographic ones that some devices make of them.
  const line = signs
    .join("")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti");
  return line.startsWith(".") ? `\\&${line}` : line;
}

export const bold = (text: string): string => `\\fB${escapeText(text)}\\fR`;

/** Escaped text with `<words in angle brackets>` set in italics without their brackets. */
export function withVariables(text: string): string {
  return text
    .split(/(<[^>]+>)/)
    .map((part) =>
      /^<[^>]+>$/.test(part) ? `\\fI${escapeText(part.slice(1, -1))}\\fR` : part === "" ? "" : bold(part),
    )
    .join("");
}

/** An entry of a list: a tag, and what it means below it. */
export function entry(tag: string, about: string): string {
  return `.TP\n${tag}\n${escapeText(about)}\n`;
}

export const section = (title: string, body: string): string => `.SH ${title}\n${body}`;
/** A title may have spaces. */
export const subsection = (title: string, body: string): string => `.SS "${escapeText(title)}"\n${body}`;
