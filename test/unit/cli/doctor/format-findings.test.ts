import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { formatFindings, mergeAlike, wrap } from "../../../../src/cli/doctor/format-findings.ts";
import { createPaint } from "../../../../src/cli/status/table.ts";
import type { DoctorFinding } from "../../../../src/doctor/finding.ts";

const finding = (patch: Partial<DoctorFinding> = {}): DoctorFinding => ({
  code: "clock-skew",
  severity: "warning",
  cluster: "shop",
  subject: "db1",
  message: "db1: its clock is wrong.",
  breaks: ["status"],
  fix: "On db1: chronyc tracking",
  ...patch,
});
const plain = createPaint(false);

describe("findings for people", () => {
  it("tell the worst first, what breaks, and what to do, in lines that fit", () => {
    const long = "word ".repeat(60).trim();
    const text = formatFindings(
      [finding({ severity: "critical", code: "a", message: long, fix: long, breaks: [] }), finding()],
      80,
      plain,
      false,
    );
    expect(text.split("\n").every((line) => stringWidth(line) <= 80)).toBe(true);
    expect(text).toMatch(/^CRITICAL\n {2}a {2}word/);
    expect(text).toContain(
      "WARNING\n  clock-skew  db1: its clock is wrong. Breaks status.\n    → On db1: chronyc tracking\n",
    );
    expect(text).toMatch(/\n1 critical, 1 warning, 0 for information\. docs\/doctor\.md explains every code\.\n$/);
  });

  it("say so when there is nothing", () => {
    expect(formatFindings([], 80, plain, false)).toBe("Nothing found: every action can work.\n");
  });

  it("name the cluster where there are several", () => {
    expect(formatFindings([finding()], 80, plain, true)).toContain("clock-skew  shop: db1: its clock");
  });

  it("let nothing of a server reach the terminal", () => {
    const text = formatFindings([finding({ message: "\u001b[2J", fix: "\u0007" })], 80, plain, false);
    expect(text).toContain("\\e[2J");
    expect(text).not.toMatch(/[\u001b\u0007]/);
  });

  it("say once what is the same of several subjects", () => {
    const others = ["db2", "db3"].map((subject) =>
      finding({ subject, message: `${subject}: its clock is wrong.`, fix: `On ${subject}: chronyc tracking` }),
    );
    expect(mergeAlike([finding(), ...others, finding({ cluster: "other" })])).toMatchObject([
      {
        subject: "db1, db2, db3",
        message: "db1, db2, db3: its clock is wrong.",
        fix: "On db1, db2, db3: chronyc tracking",
      },
      { subject: "db1", cluster: "other" },
    ]);
  });
});

it("does not take a part of a path for the subject", () => {
  const apart = ["lb1", "lb2"].map((subject) =>
    finding({ subject, message: `${subject}: x.`, fix: `In /h/${subject}/h.cfg` }),
  );
  expect(mergeAlike(apart)).toEqual(apart);
});

describe("wrapping", () => {
  it.each([
    ["a bb ccc", 4, ["a bb", "ccc"]],
    ["/a/very/long/path x", 5, ["/a/very/long/path", "x"]],
    ["", 5, [""]],
  ])("%j in %i columns", (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });
});
