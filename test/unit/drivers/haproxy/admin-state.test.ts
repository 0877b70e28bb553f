import { expect, test } from "vitest";
import { selectAdminReasons } from "../../../../src/drivers/haproxy/admin-state.ts";

test.each([
  [0, []],
  [1, ["maint-forced"]],
  [4, ["maint-config"]],
  [5, ["maint-forced", "maint-config"]],
  [16, ["drain-inherited"]],
  [96, ["unresolved", "fqdn-changed"]],
  [104, ["drain-forced", "unresolved", "fqdn-changed"]],
  [
    127,
    [
      "maint-forced",
      "maint-inherited",
      "maint-config",
      "drain-forced",
      "drain-inherited",
      "unresolved",
      "fqdn-changed",
    ],
  ],
  [128 + 8, ["drain-forced"]],
])("names the bits of admin state %i as %j", (bits, reasons) => {
  expect(selectAdminReasons(bits)).toEqual(reasons);
});

test("knows no reasons where the version does not tell the admin state", () => {
  expect(selectAdminReasons(null)).toBeNull();
});
