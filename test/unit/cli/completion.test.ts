/** What the program answers to the scripts of the shells. */
import { describe, expect, it } from "vitest";
import { run } from "../../../src/cli/main.ts";
import { createFakeIo } from "./fake-io.ts";

async function ask(shell: string, ...words: readonly string[]): Promise<readonly string[]> {
  const fake = createFakeIo();
  expect(await run(["__complete", shell, "--", ...words], fake.io)).toBe(0);
  expect(fake.err()).toBe("");
  return fake
    .out()
    .split("\n")
    .filter((line) => line !== "");
}

describe("completion", () => {
  it("tells zsh and fish what a candidate is about", async () => {
    expect(await ask("fish", "dem")).toEqual([expect.stringMatching(/^demo\ttraining simulator/)]);
  });

  it("gives the whole word where a shell does not cut it at =", async () => {
    expect(await ask("zsh", "--theme=mo")).toEqual(["--theme=mono"]);
    expect(await ask("bash", "--theme", "=", "mo")).toEqual(["mono"]);
  });

  it("offers what demo can be given, each scenario with its goal", async () => {
    expect(await ask("fish", "demo", "--scenario", "prim")).toEqual([
      expect.stringMatching(/^primary-crash\tThe primary dies/),
    ]);
    expect(await ask("zsh", "demo", "--cluster-shape=r4")).toEqual(["--cluster-shape=r4"]);
    expect(await ask("bash", "demo", "--server", "")).toEqual(["mariadb", "mysql"]);
    expect(await ask("bash", "demo", "--theme", "mo")).toEqual(["mono"]);
  });

  it("takes all after -- for operands", async () => {
    expect(await ask("zsh", "completion", "--", "-")).toEqual([]);
  });

  it("does not offer a second time what can be given once, and hides what is hidden", async () => {
    expect(await ask("bash", "status", "--json", "--js")).toEqual([]);
    expect(await ask("bash", "__")).toEqual([]);
    expect((await ask("bash", "status", "--haproxy", "x", "--hap")).length).toBe(1);
  });

  it("every command that is not hidden is offered", async () => {
    const help = createFakeIo();
    await run(["--help"], help.io);
    const listed = [...help.out().matchAll(/^ {2}([a-z][a-z-]*)(?: .*)? {2,}\S/gm)].map((match) => match[1]);
    expect(listed.length).toBeGreaterThan(10);
    expect(await ask("bash", "")).toEqual(
      expect.arrayContaining(listed.map((name) => expect.stringMatching(new RegExp(`^${name}\t?`)))),
    );
  });

  it("refuses a shell it has no script for", async () => {
    const fake = createFakeIo();
    expect(await run(["completion", "tcsh"], fake.io)).toBe(64);
    expect(fake.err()).toContain("bash, zsh, fish");
  });
});
