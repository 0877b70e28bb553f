import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCliConnection } from "../../../src/simulator/haproxy/cli-server.ts";
import type { CliLevel, CliSession } from "../../../src/simulator/haproxy/command.ts";
import { quoteField, statHeader } from "../../../src/simulator/haproxy/csv-row.ts";
import { splitCommands } from "../../../src/simulator/haproxy/interpreter.ts";
import type { World } from "../../../src/simulator/world/state.ts";
import { createFixture, serverNamed } from "./fixture.ts";

interface Line {
  readonly world: World;
  output: string;
  ended: boolean;
  readonly session: CliSession;
  send(chunk: string): void;
}

function connectTo(world: World, level: CliLevel = "admin"): Line {
  const [haproxy] = world.haproxies;
  if (haproxy === undefined) throw new Error("no HAProxy");
  const session: CliSession = { level, prompt: false, closing: false, idleTimeoutMs: 10_000, severity: "none" };
  const line: Line = { world, output: "", ended: false, session, send: () => undefined };
  const receive = createCliConnection(
    { world, haproxy, session },
    (text) => {
      line.output += text;
    },
    () => {
      line.ended = true;
    },
  );
  line.send = receive;
  return line;
}

function ask(line: string, level: CliLevel = "admin", world = createFixture()): string {
  const connection = connectTo(world, level);
  connection.send(`${line}\n`);
  expect(connection.ended).toBe(true);
  return connection.output;
}

/** Answers recorded from HAProxy 2.6.12. */
const recorded: readonly [command: string, answer: string][] = [
  ["set server read_nodes/nope state drain", "No such server.\n\n"],
  ["disable server nope/db2", "No such backend.\n\n"],
  ["set server", "Require 'backend/server'.\n\n"],
  ["shutdown sessions server read_nodes", "Require 'backend/server'.\n\n"],
  ["set server read_nodes/db2 state foo", "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n\n"],
  ["set server read_nodes/db2 weight", "Require <weight> or <weight%>.\n\n"],
  ["set server read_nodes/db2 weight abc", "Empty weight string empty or preceded by garbage\n"],
  ["set weight read_nodes/db2 257", "Absolute weight can only be between 0 and 256 inclusive.\n\n"],
  ["set server read_nodes/db2 weight -1", "Absolute weight can only be between 0 and 256 inclusive.\n\n"],
  ["set server read_nodes/db2 health xx", "'set server <srv> health' expects 'up', 'stopping', or 'down'.\n\n"],
  ["set server read_nodes/db2 agent up", "agent checks are not enabled on this server.\n\n"],
  ["get weight read_nodes/x", "No such server.\n\n"],
  ["set timeout", "'set timeout' only supports 'cli'.\n\n"],
  ["set timeout cli", "Expects an integer value.\n\n"],
  ["set timeout cli abc", "Invalid timeout value.\n\n"],
  ["show servers state nope", "Can't find backend.\n\n"],
  ["show stat nope -1 -1", "No such proxy.\n\n"],
  ["show cli level", "admin\n\n"],
  ["  show cli level  \r", "admin\n\n"],
  ["operator;show cli level", "\noperator\n\n"],
  ["user;set weight read_nodes/db2 4", "\nPermission denied\n\n"],
  ["prompt;show cli level;quit", "\n> admin\n\n> "],
  [
    "set severity-output number;set server a/b state maint;show cli level;set weight read_nodes/db2 1",
    "\n[3]: No such backend.\n\n[6]: admin\n\n\n",
  ],
  ["set server read_nodes/#1 state ready", "\n"],
  ["quit", ""],
];

describe("simulated runtime socket", () => {
  test.each(recorded)("answers `%s` as HAProxy 2.6.12 does", (command, answer) => {
    expect(ask(command)).toBe(answer);
  });

  test("has the columns of 2.6.12 in show stat and the fields of show servers state", () => {
    const fixture = (name: string): string =>
      readFileSync(new URL(`../../fixtures/haproxy/2.6.12/${name}`, import.meta.url), "utf8");
    expect(statHeader.trimEnd()).toBe(fixture("show-stat.csv").split("\n")[0]);
    expect(ask("show servers state").split("\n").slice(0, 2)).toEqual(
      fixture("show-servers-state.txt").split("\n").slice(0, 2),
    );
    const names = (text: string): string[] => text.split("\n").map((line) => line.split(":")[0] ?? "");
    expect(names(ask("show info"))).toEqual(names(fixture("show-info.txt")));
  });

  test("fills the same columns of each kind of row as 2.6.12", () => {
    const header = statHeader.trimEnd().slice(2).split(",");
    const filled = (text: string, row: string): string[] => {
      const cells =
        text
          .split("\n")
          .find((line) => line.startsWith(row))
          ?.split(",") ?? [];
      return header.filter((_name, index) => cells[index] !== "" && cells[index] !== undefined);
    };
    const fixture = readFileSync(new URL("../../fixtures/haproxy/2.6.12/show-stat.csv", import.meta.url), "utf8");
    const ours = ask("show stat");
    for (const row of ["read_nodes,FRONTEND,", "read_nodes,BACKEND,"])
      expect(filled(ours, row)).toEqual(filled(fixture, row));
    // A mysql-check also tells a code; the recorded servers have a plain check.
    expect(filled(ours, "read_nodes,db3,").filter((name) => name !== "check_code")).toEqual(
      filled(fixture, "read_nodes,db4,"),
    );
  });

  test("carries out changes: state, weight, sessions", () => {
    const world = createFixture();
    const server = serverNamed(world, "read_nodes/db3");
    expect(ask("set server read_nodes/db3 state drain", "admin", world)).toBe("\n");
    expect(server.drain).toBe(true);
    expect(ask("show servers state read_nodes", "admin", world)).toMatch(/ read_nodes 2 db3 127\.0\.0\.1 2 8 1 1 /);
    expect(ask("disable server read_nodes/db3", "admin", world)).toBe("\n");
    expect(ask("show stat read_nodes 4 2", "admin", world)).toMatch(/^read_nodes,db3,.*,MAINT,1,1,0,/m);
    // `disable` forgets the drain: `enable` returns the server to full service.
    expect(ask("enable server read_nodes/db3", "admin", world)).toBe("\n");
    expect(server).toMatchObject({ drain: false, maint: false });
    expect(ask("set weight read_nodes/db3 50%;get weight read_nodes/db3", "admin", world)).toBe("\n1 (initial 1)\n\n");
    expect(server.sessions.size).toBeGreaterThan(0);
    expect(ask("shutdown sessions server read_nodes/db3", "admin", world)).toBe("\n");
    expect(server.sessions.size).toBe(0);
  });

  test("lets a user look and refuses every change", () => {
    const world = createFixture();
    for (const change of [
      "set server read_nodes/db3 state maint",
      "disable server read_nodes/db3",
      "set weight read_nodes/db3 9",
      "shutdown sessions server read_nodes/db3",
    ])
      expect(ask(change, "user", world)).toBe("Permission denied\n\n");
    expect(serverNamed(world, "read_nodes/db3")).toMatchObject({ maint: false, weight: 1 });
    expect(ask("show stat", "user", world)).toContain("\nread_nodes,db3,");
  });

  test("offers better matches for an unknown command, and the whole list when nothing is near", () => {
    expect(ask("show frob")).toMatch(
      /^Unknown command, but maybe one of the following ones is a better match:\n {2}show backend/,
    );
    expect(ask("frobnicate")).toMatch(/^Unknown command/);
    expect(ask("Show stat")).toMatch(/^Unknown command/);
    expect(ask("help show cli")).toMatch(/^The following commands are valid at this level:\n {2}show cli level /);
  });

  test("gives the same answer however the line is cut into packets", () => {
    const line = "show cli level;set server read_nodes/nope state drain;show version\n";
    const whole = ask(line.trimEnd());
    for (let cut = 1; cut < line.length; cut += 1) {
      const connection = connectTo(createFixture());
      connection.send(line.slice(0, cut));
      expect(connection.output).toBe("");
      connection.send(line.slice(cut));
      expect(connection.output).toBe(whole);
    }
  });

  test("runs all lines of one packet and loses what comes after its answer", () => {
    const connection = connectTo(createFixture());
    connection.send("show cli level\nshow version\n");
    connection.send("show cli level\n");
    expect(connection.output).toMatch(/^admin\n\n2\.6\.12.*\n\n$/);
    expect(connection.ended).toBe(true);
  });

  test("stays open in prompt mode until quit", () => {
    const connection = connectTo(createFixture());
    connection.send("prompt\n");
    connection.send("show cli level\n");
    connection.send("nonsense\n");
    expect(connection.ended).toBe(false);
    expect(connection.output).toMatch(/^\n> admin\n\n> Unknown command[\s\S]*\n\n> $/);
    connection.send("quit\n");
    expect(connection.ended).toBe(true);
  });

  test("closes without a word when a line does not fit its buffer", () => {
    const connection = connectTo(createFixture());
    connection.send("x".repeat(10_000));
    expect(connection.ended).toBe(false);
    connection.send("x".repeat(10_000));
    expect(connection).toMatchObject({ ended: true, output: "" });
  });

  test("survives any bytes and any words, and a change needs the right ones", { timeout: 60_000 }, () => {
    const world = createFixture();
    const word = fc.constantFrom(
      "show",
      "stat",
      "set",
      "server",
      "read_nodes/db2",
      "#3/#1",
      "state",
      "maintenance",
      "weight",
      "%",
      "prompt",
      "help",
      "-1",
      "__proto__",
      "constructor",
      ";",
      "\\",
      "/",
      "#",
      "\n",
      "get",
      "cli",
      "timeout",
      "999999999999",
      "user",
      "operator",
    );
    const line = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(word, { maxLength: 10 }).map((words) => words.join(" ")),
    );
    fc.assert(
      fc.property(line, (text) => {
        const connection = connectTo(world);
        connection.send(`${text}\n`);
        expect(connection.ended).toBe(!connection.session.prompt);
      }),
      { numRuns: 600 },
    );
    expect(serverNamed(world, "read_nodes/db2")).toMatchObject({ maint: false, drain: false });
  });

  test("keeps an escaped semicolon in its word", () => {
    expect(splitCommands("a\\;b;c\\\\;d")).toEqual(["a;b", "c\\", "d"]);
  });

  test("quotes fields as CSV only where it must", () => {
    expect(quoteField('#08004Too many "connections", try later')).toBe('"#08004Too many ""connections"", try later"');
    expect(quoteField("Layer7 check passed")).toBe("Layer7 check passed");
  });
});
