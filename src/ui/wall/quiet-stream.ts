/**
 * Draws everything anew without leaving the screen. What other programs wrote into the picture (the kernel, `wall`) would stay for weeks, and
 * every line below it would stand in the wrong place; Ink draws anew only after it lent the terminal out, for which it leaves the screen.
 */
const LEAVE = "\u001b[?1049l";
const ENTER = "\u001b[?1049h";
const CLEAR = "\u001b[H\u001b[2J";
/** Terminals that know it show nothing between the two. */
const HOLD = "\u001b[?2026h";
const SHOW = "\u001b[?2026l";

export interface QuietStream {
  readonly stream: NodeJS.WriteStream;
  /** Runs `redraw`, in which Ink leaves and enters its screen; here it only clears it. */
  quietly(redraw: () => Promise<void>): Promise<void>;
}

export function createQuietStream(stdout: NodeJS.WriteStream): QuietStream {
  let depth = 0;
  const write = (chunk: string | Uint8Array, ...rest: never[]): boolean => {
    const isQuiet = depth > 0 && typeof chunk === "string";
    return stdout.write(isQuiet ? chunk.replaceAll(LEAVE, "").replaceAll(ENTER, CLEAR) : chunk, ...rest);
  };
  const stream = new Proxy(stdout, {
    get(target, property) {
      if (property === "write") return write;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return {
    stream,
    async quietly(redraw) {
      depth += 1;
      stdout.write(HOLD);
      try {
        await redraw();
      } finally {
        depth -= 1;
        stdout.write(SHOW);
      }
    },
  };
}
