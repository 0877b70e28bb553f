import { describe, expect, it } from "vitest";
import type { RoleTree } from "../../../../src/model/operation.ts";
import { buildRequest } from "../../../../src/ui/act/request.ts";
import { ASCII_GLYPHS, UNICODE_GLYPHS } from "../../../../src/ui/glyphs.ts";
import { type Line, lineWidth, plainText } from "../../../../src/ui/paint.ts";
import { roleLines, treeLines } from "../../../../src/ui/selectors/role-lines.ts";
import { waitingLines, writesLines } from "../../../../src/ui/selectors/write-stop-lines.ts";
import { buildProgress, buildPromotion, buildPromotionPlan, buildPromotionProgress } from "../../../support/plans.ts";

const NOW = 1_000_000;
const texts = (lines: readonly Line[]) => lines.map((line) => plainText(line).trimEnd());
const request = buildRequest("promote", "shop", { targets: ["db2"] });
const leaf = (node: string, label = "replica"): RoleTree => ({ node, label, children: [] });

describe("roles", () => {
  it("stand side by side where both trees fit, else one below the other", () => {
    const wide = texts(roleLines(buildPromotion(), 80, UNICODE_GLYPHS));
    expect(wide[0]).toMatch(/^ {2}Now +Afterwards$/);
    const narrow = texts(roleLines(buildPromotion(), 40, UNICODE_GLYPHS));
    expect(narrow.filter((line) => /Now|Afterwards/.test(line))).toEqual(["  Now", "  Afterwards"]);
    for (const line of roleLines(buildPromotion(), 40, UNICODE_GLYPHS)) expect(lineWidth(line)).toBeLessThanOrEqual(40);
  });

  it("of many replicas fold into one line for those that are alike; what differs stays", () => {
    const many = Array.from({ length: 12 }, (_, index) => leaf(`r${index}`));
    const tree = { node: "db1", label: "primary, writable", children: [leaf("db2", "replica, read-only"), ...many] };
    expect(texts(treeLines([tree], ASCII_GLYPHS))).toEqual([
      "db1  primary, writable",
      "|-db2  replica, read-only",
      "`-r0, ... r11 (12)  replica",
    ]);
  });

  it("show server text escaped", () => {
    expect(texts(treeLines([leaf("db\u001b[2J")], ASCII_GLYPHS)).join()).not.toContain("\u001b");
  });
});

describe("the line about writes", () => {
  const say = (promotion: Parameters<typeof buildPromotionProgress>[0], running = true, change = {}) => {
    const progress = buildProgress(buildPromotionPlan(request, change));
    return texts(writesLines(progress, buildPromotionProgress(promotion), running, NOW, 80, UNICODE_GLYPHS)).join("\n");
  };

  it.each([
    ["before", {}, "flow; they will stop for at most 30 s"],
    ["while they stand still", { stoppedAt: NOW - 15_000 }, /STOPPED \[█{15}░{15}\] 15\.0 s of 30 s \(50 %\)/],
    ["beyond the budget", { stoppedAt: NOW - 45_000 }, /\[█{30}\] 45\.0 s of 30 s \(100 %\)/],
    ["afterwards", { stoppedAt: 1, openedAt: 2, gapMs: 38.4 }, "they stood still for 38.4 ms of 30 s"],
    ["with a gap nobody measured", { stoppedAt: 1, openedAt: 2 }, "for how long they stood still is not known"],
  ])("%s", (_when, promotion, wanted) => {
    expect(say(promotion)).toMatch(wanted);
  });

  it("never says that writes flow when a run has ended with them stopped, or began with them stopped", () => {
    expect(say({ stoppedAt: NOW - 1_000 }, false)).toContain("STILL STOPPED");
    expect(say({}, true, { carriesOn: true, doneBefore: [1, 2, 3, 4] })).toContain("not known to this run");
    const promotion = buildPromotion({ mode: "failover" });
    expect(say({}, true, { promotion })).toContain("none: db1 is dead");
    expect(say({ stoppedAt: 1, openedAt: 2, gapMs: 27.4 }, true, { promotion })).toContain("opening db2 took 27.4 ms");
  });
});

describe("who is in the way", () => {
  const blocker = { node: "db1", sessionId: 1, account: "app@h", seconds: null, query: "SELECT '\u001b[31m'" };

  it("is named with an escaped query, and unknown figures are not zero", () => {
    const lines = texts(waitingLines(buildPromotionProgress({ blockers: [blocker] }), 80, UNICODE_GLYPHS));
    expect(lines[0]).toBe("  waits for sessions to end");
    expect(lines[2]).toContain("db1 session 1 of app@h, for an unknown time");
    expect(lines.join()).not.toContain("\u001b");
  });

  it("is counted where there are too many", () => {
    const blockers = Array.from({ length: 9 }, (_, index) => ({ ...blocker, sessionId: index }));
    const lines = texts(waitingLines(buildPromotionProgress({ blockers }), 80, UNICODE_GLYPHS));
    expect(lines.at(-1)).toBe("    and 5 more");
  });
});
