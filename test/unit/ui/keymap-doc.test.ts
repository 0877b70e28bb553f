import { expect, it } from "vitest";
import { buildKeymapDoc } from "../../../src/ui/keymap-doc.ts";

it("docs/keymap.md says what the key table says (run with -u to write it)", async () => {
  await expect(buildKeymapDoc()).toMatchFileSnapshot("../../../docs/keymap.md");
});
