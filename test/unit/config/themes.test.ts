import { mkdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { ConfigError, ProblemList, UsageError } from "../../../src/config/config-error.ts";
import { listOwnThemeNames, readOwnThemes } from "../../../src/config/themes/own-themes.ts";
import { parseThemeFile } from "../../../src/config/themes/theme-file.ts";
import { BUILT_IN_THEMES, TOKENS } from "../../../src/model/theme.ts";
import { THEME_NAMES } from "../../../src/ui/theme.ts";
import { type Bench, CLUSTER, createBench } from "./load.ts";

let bench: Bench = createBench();
afterEach(() => bench.remove());

const USER = "home/.config/signalbox/themes";

/** Problems of a theme file as `line:column: message; hint`. */
function problemsOf(text: string): string[] {
  const problems = new ProblemList();
  try {
    parseThemeFile("t.yaml", "mine", text, problems);
    problems.throwIfAny();
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n").map((line) => line.replace("t.yaml:", ""));
    throw error;
  }
  return [];
}

function parse(text: string) {
  const problems = new ProblemList();
  const theme = parseThemeFile("t.yaml", "mine", text, problems);
  problems.throwIfAny();
  return theme;
}

async function failureOf(request: Parameters<Bench["load"]>[0]): Promise<unknown> {
  return bench.load(request).catch((error: unknown) => error);
}

describe("a theme file", () => {
  it("takes colours by index, by name, in hex, and the terminal's own", () => {
    const theme = parse(`extends: light
title: Mine
background: "#FFF"
tokens:
  ok: 28
  warning: "#aa6600"
  critical: {fg: white, bg: bright-red, bold: true, italic: false}
  info: {fg: default}
  dim: null
  selected: {bg: "#eef"}
`);
    expect(theme).toEqual({
      name: "mine",
      file: "t.yaml",
      title: "Mine",
      base: "light",
      background: "#ffffff",
      foreground: null,
      tokens: {
        dim: { fg: null },
        ok: { fg: 28 },
        warning: { fg: "#aa6600" },
        critical: { fg: 7, bg: 9, bold: true },
        info: { fg: null, bg: null },
        selected: { fg: null, bg: "#eeeeff" },
      },
      lines: { dim: 9, ok: 5, warning: 6, critical: 7, info: 8, selected: 10 },
    });
  });

  it.each(THEME_NAMES)("%s of the program, copied under another name, is one", (name) => {
    const text = readFileSync(new URL(`../../../themes/${name}.json`, import.meta.url), "utf8");
    const theme = parse(text.replace(`"${name}"`, '"mine"'));
    expect(Object.keys(theme?.tokens ?? {}).sort()).toEqual([...TOKENS].sort());
  });

  it.each([
    [
      "extends: dark\ntokens:\n  warnign: 3\n",
      ['3:3: unknown key "warnign" in tokens (did you mean "warning"?); allowed: text, dim,'],
    ],
    [
      "extends: dark\ntokens:\n  ok: 256\n  dim: {fg: mauve}\n",
      [
        '3:7: tokens.ok "256" is no colour; 0 to 255, "#rrggbb" in quotes, black, red',
        '4:13: tokens.dim.fg "mauve" is no',
      ],
    ],
    [
      "extends: dark\ntokens:\n  ok: #00ff00\n",
      ['3:3: tokens.ok is empty; a colour that begins with # stands in quotes: "#ff8700"'],
    ],
    [
      "extends: dark\ntokens:\n  ok: {fg: 3, blink: true}\n",
      ['3:15: unknown key "blink" in tokens.ok; allowed: fg, bg, bold,'],
    ],
    ["extends: dark\ntokens:\n  ok: {bold: yes}\n", ["3:14: tokens.ok.bold must be true or false, not a text"]],
    ["extends: dark\ntokens:\n  ok: [1]\n", ["3:7: tokens.ok must be a colour, not a list"]],
    ["extends: drak\ntokens: {}\n", ['1:10: extends "drak" is not one of the allowed words; dark, light,']],
    ["extends: dark\n", ['1:1: needs the key "tokens"']],
    ["", ["1:1: the file is empty; it needs at least tokens:"]],
    ["- a\n", ["1:1: must be a map, not a list; keys: name, title, extends, background, foreground, tokens"]],
    [
      "extends: dark\nbackground: red\ntokens: {}\n",
      ['2:13: background "red" is no colour of a terminal; write "#rrggbb"'],
    ],
    ["extends: dark\nname: other\ntokens: {}\n", ['2:7: name is "other", but the file makes it mine; leave it out']],
    ["extends: dark\ntokens: {ok: 1", ["2:15: the indentation does not fit the lines before"]],
  ])("%j is refused by line and column", (text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(expected.length);
    expected.forEach((part, index) => {
      expect(problems[index]).toContain(part);
    });
  });

  it("names every token that is missing, and what to do, when it extends nothing", () => {
    const some = TOKENS.filter((token) => token !== "stale" && token !== "drain").map((token) => `  ${token}: 231`);
    const [background, ...rest] = problemsOf(`tokens:\n${some.join("\n")}\n`);
    expect(background).toContain('1:1: needs the key "background"');
    expect(rest).toEqual([expect.stringContaining("2:3: tokens lacks drain, stale")]);
    expect(problemsOf(`background: "#000000"\ntokens:\n${some.join("\n")}\n`)).toEqual([
      '3:3: tokens lacks drain, stale; or write "extends: dark" to take what is missing from there',
    ]);
  });

  it("never repeats an escape sequence, in errors or in its title", () => {
    const problems = problemsOf('extends: dark\ntitle: "a\\u001b]0;x\\u0007"\ntokens: {ok: "\\e[2J", "\\e[31m": 1}\n');
    expect(problems).toHaveLength(3);
    for (const problem of problems) expect(problem).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });

  it("answers any text with a theme or with problems, and nothing else", () => {
    const piece = fc.constantFrom(
      "extends: dark\n",
      "tokens:\n",
      "  ok: ",
      "  selected: {bg: ",
      "1",
      "}",
      "\n",
      "#",
      '"#fff"',
      "&a ",
      "*a",
      "<<: ",
      "- ",
      "~",
      "!!x ",
      "\t",
      "\u0000",
      "\u001b[31m",
      "256",
      "-1",
      "1e9",
      "{",
      "[",
      "? ",
      "|\n",
      "'",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        for (const problem of problemsOf(pieces.join(""))) expect(problem).not.toMatch(/[\u0000-\u001f]/);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the theme that is asked for", () => {
  it("may be one of the user's folder, by the file or by --theme", async () => {
    bench = createBench();
    bench.write(`${USER}/night.yaml`, "extends: dark\ntokens: {ok: 28}\n");
    bench.write("cwd/signalbox.yaml", `theme: night\n${CLUSTER}`);
    expect((await bench.load()).settings.theme).toBe("night");
    bench.write("cwd/signalbox.yaml", CLUSTER);
    expect((await bench.load({ theme: "night" })).settings.theme).toBe("night");
  });

  it("is looked for in $XDG_CONFIG_HOME and beside the configuration file", async () => {
    bench = createBench();
    bench.write("xdg/signalbox/themes/one.json", '{"extends": "dark", "tokens": {"ok": 28}}');
    Object.assign(bench.around, { env: { XDG_CONFIG_HOME: `${bench.dir}/xdg` } });
    const configFile = bench.write("etc/config.yaml", `theme: two\n${CLUSTER}`);
    bench.write("etc/themes/two.yml", "extends: light\ntokens: {ok: 28}\n");
    const { themeFolders, settings } = await bench.load({ configFile });
    expect(settings.theme).toBe("two");
    expect(themeFolders).toEqual([`${bench.dir}/xdg/signalbox/themes`, `${bench.dir}/etc/themes`]);
    expect(await listOwnThemeNames(themeFolders)).toEqual(["one", "two"]);
  });

  it("tells by file, line and column what keeps it from being used", async () => {
    bench = createBench();
    const path = bench.write(`${USER}/night.yaml`, "extends: dark\ntokens:\n  okay: 28\n");
    bench.write("cwd/signalbox.yaml", CLUSTER);
    const failure = await failureOf({ theme: "night" });
    expect(failure).toBeInstanceOf(ConfigError);
    expect(String(failure)).toContain(`${path}:3:3: unknown key "okay" in tokens`);
  });

  it("says which themes there are when its name is unknown", async () => {
    bench = createBench();
    bench.write(`${USER}/night.yaml`, "extends: dark\ntokens: {}\n");
    bench.write("cwd/signalbox.yaml", CLUSTER);
    const flag = await failureOf({ theme: "nigth" });
    expect(flag).toBeInstanceOf(UsageError);
    expect(String(flag)).toContain(
      '--theme "nigth" is not a theme; dark, light, high-contrast, colour-blind, mono, night (did you mean night?)',
    );
    const path = bench.write("cwd/signalbox.yaml", `interval: 1s\ntheme: nigth\n${CLUSTER}`);
    const file = await failureOf({});
    expect(file).toBeInstanceOf(ConfigError);
    expect(String(file)).toContain(`${path}:2:8: theme "nigth" is not a theme; dark, light,`);
  });

  it.each(["../../secret", "a/b", "\u001b[2J", ".", ""])("%j names no file", async (theme) => {
    bench = createBench();
    bench.write("cwd/secret.yaml", "extends: dark\ntokens: {}\n");
    bench.write("cwd/signalbox.yaml", CLUSTER);
    const failure = await failureOf({ theme });
    expect(failure).toBeInstanceOf(UsageError);
    expect(String(failure)).not.toContain("\u001b");
  });

  it("must be a regular file of reasonable size", async () => {
    bench = createBench();
    bench.write("cwd/signalbox.yaml", CLUSTER);
    mkdirSync(`${bench.dir}/${USER}/folder.yaml`, { recursive: true });
    bench.write(`${USER}/huge.yaml`, "#".repeat(70_000));
    expect(String(await failureOf({ theme: "folder" }))).toContain("folder.yaml: is no regular file");
    expect(String(await failureOf({ theme: "huge" }))).toContain("huge.yaml: is larger than 64 kB");
  });

  it("of the program costs no look at folders, and is never replaced by a file of its name", async () => {
    bench = createBench();
    bench.write("cwd/signalbox.yaml", CLUSTER);
    const path = bench.write(`${USER}/dark.yaml`, "this is: no theme\n");
    const { settings, themeFolders } = await bench.load({ theme: "dark" });
    expect(settings.theme).toBe("dark");
    const { themes, warnings } = await readOwnThemes(themeFolders);
    expect(themes).toEqual([]);
    expect(warnings).toEqual([`${path} is never used: dark comes with the program; give the file another name`]);
  });
});

describe("all themes of the user", () => {
  it("leave out those that cannot be used, each with a warning", async () => {
    bench = createBench();
    bench.write(`${USER}/good.yaml`, "extends: dark\ntokens: {ok: 28}\n");
    const bad = bench.write(`${USER}/bad.yaml`, "extends: dark\ntokens:\n  ok: 999\n  dim: x\n");
    bench.write(`${USER}/notes.txt`, "no theme");
    bench.write(`${USER}/.hidden.yaml`, "no theme");
    const { themes, warnings } = await readOwnThemes([`${bench.dir}/${USER}`, `${bench.dir}/nowhere`]);
    expect(themes.map(({ name }) => name)).toEqual(["good"]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(
      `theme bad cannot be used: ${bad}:3:7: tokens.ok "999" is no colour (and 1 more); 0 to`,
    );
  });

  it("of one name in two folders: the first counts", async () => {
    bench = createBench();
    const first = bench.write("a/one.yaml", "extends: dark\ntokens: {ok: 28}\n");
    bench.write("b/one.json", '{"extends": "dark", "tokens": {"ok": 29}}');
    const { themes } = await readOwnThemes([`${bench.dir}/a`, `${bench.dir}/b`]);
    expect(themes.map(({ file }) => file)).toEqual([first]);
  });
});

describe("docs/themes.md", () => {
  const text = readFileSync(new URL("../../../docs/themes.md", import.meta.url), "utf8");

  it("holds an example that is a theme", () => {
    const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(text) ?? [];
    expect(Object.keys(parse(example)?.tokens ?? {})).toEqual(["ok", "warning", "critical", "info", "selected"]);
  });

  it("explains every token and names every theme of the program", () => {
    const rows = text.split("\n").filter((line) => line.startsWith("| `"));
    const named = new Set(
      rows.flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([\w-]+)`/g)]).map((match) => match[1]),
    );
    for (const word of [...TOKENS, ...BUILT_IN_THEMES]) expect(named, word).toContain(word);
  });
});

describe("themes of the program", () => {
  it("are known by name where the configuration is read", () => {
    expect([...BUILT_IN_THEMES]).toEqual([...THEME_NAMES]);
  });
});
