/** What the system's ssh writes on its standard error: its last lines, without the chatter that comes with the one line we want of it. */

const MOST_LINES = 40;
/** Only at this level ssh tells the fingerprint of a host key it does not know. */
const CHATTER = /^debug1: /;
const WANTED_CHATTER = /^debug1: Server host key: /;

export class OpensshWords {
  #lines: string[] = [];
  #rest = "";
  #count = 0;

  /** Lines since the beginning. */
  get count(): number {
    return this.#count;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n/);
    this.#rest = (lines.pop() ?? "").slice(-4_096);
    const kept = lines.filter((line) => line !== "" && (!CHATTER.test(line) || WANTED_CHATTER.test(line)));
    this.#count += kept.length;
    this.#lines = [...this.#lines, ...kept].slice(-MOST_LINES);
  }

  /** @param from a count from before; what has been forgotten since is left out */
  since(from: number): string {
    const missing = this.#count - this.#lines.length;
    return this.#lines.slice(Math.max(0, from - missing)).join("\n");
  }
}

/** Lines that ssh itself adds at this level. */
const OF_SSH =
  /^(debug1: |Authenticated to |Transferred: |Bytes per second: |Killed by signal |Connection to .* closed\.)/;

/** Standard error of a program that was run there, without what ssh itself says of its session. */
export function withoutSsh(text: string): string {
  return text
    .split(/(?<=\n)/)
    .filter((line) => !OF_SSH.test(line))
    .join("");
}

/** The same as `OpensshWords` keeps, of a text that is whole. */
export function withoutChatter(text: string): string {
  const words = new OpensshWords();
  words.add(`${text}\n`);
  return words.since(0);
}
