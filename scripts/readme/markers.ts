/** Where a screen stands in the README: a code block between two comments. */

const begin = (id: string): string => `<!-- screen ${id} -->\n\`\`\`\n`;
const END = "\n```\n<!-- end of screen -->";

/** Lines of the screen as they stand there. @throws Error when its markers are missing */
export function readScreen(text: string, id: string): string[] {
  const { from, to } = findScreen(text, id);
  return text.slice(from, to).split("\n");
}

/** The text with other lines in the place of the screen. @throws Error when its markers are missing */
export function replaceScreen(text: string, id: string, lines: readonly string[]): string {
  const { from, to } = findScreen(text, id);
  return `${text.slice(0, from)}${lines.map((line) => line.trimEnd()).join("\n")}${text.slice(to)}`;
}

function findScreen(text: string, id: string): { from: number; to: number } {
  const from = text.indexOf(begin(id)) + begin(id).length;
  const to = text.indexOf(END, from);
  if (from < begin(id).length || to < 0) throw new Error(`README.md: no markers of the screen ${id}`);
  return { from, to };
}
