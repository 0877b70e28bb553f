import { expect, it } from "vitest";
import { buildDoctorDocs } from "../../../src/doctor/docs.ts";
import { ALERT_MEANINGS } from "../../../src/doctor/rules/alerts.ts";
import { CLUSTER_RULES, LOCAL_RULES } from "../../../src/doctor/table.ts";
import { ALERT_RULES } from "../../../src/model/alerts/table.ts";

it("docs/doctor.md is what the table of rules says (vitest -u writes it)", async () => {
  await expect(buildDoctorDocs()).toMatchFileSnapshot("../../../docs/doctor.md");
});

it("has one rule per code, a title and a sentence for each", () => {
  const rules = [...CLUSTER_RULES, ...LOCAL_RULES];
  const codes = rules.map(({ code }) => code);
  expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([]);
  for (const { title, explains } of rules) {
    expect(title).not.toBe("");
    expect(explains).toMatch(/\.$/);
  }
});

it("says of every alert whether it breaks an action", () => {
  expect(ALERT_RULES.map(({ code }) => code).filter((code) => ALERT_MEANINGS[code] === undefined)).toEqual([]);
});
