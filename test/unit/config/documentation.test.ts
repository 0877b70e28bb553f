import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { KEY_TABLES } from "../../../src/config/schema.ts";
import { createBench } from "./load.ts";

const text = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
const bench = createBench({ SIGNALBOX_MYSQL_PASSWORD: "x", SIGNALBOX_REPL_PASSWORD: "y" });
afterAll(() => bench.remove());

/** Text between a heading of that name and the next heading. */
function sectionOf(heading: string): string {
  const [, section = ""] = text.split(new RegExp(`^#{2,3} ${heading}$`, "m"));
  return section.split(/^#{2,3} /m)[0] ?? "";
}

describe("docs/configuration.md", () => {
  it.each(Object.entries(KEY_TABLES).flatMap(([heading, fields]) => Object.keys(fields).map((key) => [heading, key])))(
    "%s: %s is explained",
    (heading, key) => {
      expect(sectionOf(heading)).toMatch(new RegExp(`^\\|[^|]*\`${key}\``, "m"));
    },
  );

  it("explains no key that is none", () => {
    for (const [heading, fields] of Object.entries(KEY_TABLES)) {
      const explained = sectionOf(heading)
        .split("\n")
        .flatMap((line) =>
          [...(/^\|([^|]*)\|/.exec(line)?.[1] ?? "").matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ""),
        );
      expect(explained.filter((key) => !Object.hasOwn(fields, key))).toEqual([]);
    }
  });

  it("holds examples that load", async () => {
    const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
    expect(examples).toHaveLength(2);
    bench.write("home/.config/signalbox/ops.password", "x");
    for (const example of examples) expect(await bench.problemsOf(example)).toEqual([]);
  });
});

it("docs/sql-proxies.md holds an example that loads", async () => {
  const page = readFileSync(new URL("../../../docs/sql-proxies.md", import.meta.url), "utf8");
  const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const own = createBench({ PROXYSQL_ADMIN_PASSWORD: "x" });
  own.write("home/.config/signalbox/atlas.password", "x");
  // The command stands for whatever keeps passwords.
  expect(await own.problemsOf(example.replace("pass show mysql-proxy", "echo x"))).toEqual([]);
  own.remove();
});
