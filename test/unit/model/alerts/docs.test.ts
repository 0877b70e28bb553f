import { expect, it } from "vitest";
import { buildAlertDocs } from "../../../../src/model/alerts/docs.ts";
import { ALERT_RULES } from "../../../../src/model/alerts/table.ts";

it("docs/alerts.md is what the table of rules says (vitest -u writes it)", async () => {
  await expect(buildAlertDocs(ALERT_RULES)).toMatchFileSnapshot("../../../../docs/alerts.md");
});

it("has one rule per code and a sentence for each", () => {
  const codes = ALERT_RULES.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const { title, explains } of ALERT_RULES) {
    expect(title).not.toBe("");
    expect(explains).toMatch(/\.$/);
  }
});
