import { expect, it } from "vitest";
import { ADDRESS_GUARDS } from "../../../src/operations/floating-ip/guards/table.ts";
import { buildGuardDocs } from "../../../src/operations/guards/docs.ts";
import { GUARDS } from "../../../src/operations/guards/table.ts";
import { PROMOTION_GUARDS } from "../../../src/operations/promotion/guards/table.ts";

it("docs/guards.md is what the table of guards says (vitest -u writes it)", async () => {
  await expect(buildGuardDocs(GUARDS, PROMOTION_GUARDS, ADDRESS_GUARDS)).toMatchFileSnapshot("../../../docs/guards.md");
});

it("every guard says in a sentence what must hold", () => {
  for (const { explains, name } of [...GUARDS, ...PROMOTION_GUARDS, ...ADDRESS_GUARDS])
    expect(explains, name).toMatch(/\.$/);
});
