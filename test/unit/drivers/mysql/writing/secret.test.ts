import { expect, test } from "vitest";
import { DriverError } from "../../../../../src/drivers/errors.ts";
import { createScrub, scrubError } from "../../../../../src/drivers/mysql/writing/secret.ts";

const password = "it's\\secret";

test("a password is taken out of a text, as it is and as it was quoted", () => {
  const scrub = createScrub(password);
  for (const form of ["it's\\secret", "it''s\\secret", "it's\\\\secret", "it''s\\\\secret"]) {
    expect(scrub(`near '${form}' at line 1, and ${form}`)).toBe("near '***' at line 1, and ***");
  }
  expect(createScrub(null)("a text")).toBe("a text");
  expect(createScrub("")("a text")).toBe("a text");
});

test("an error keeps neither the password nor the statement it came from", () => {
  const build = (serverCode: number) =>
    new DriverError({
      kind: "rejected",
      target: "db1",
      operation: `CHANGE … '${password}'`,
      message: `the server says: near '${password.slice(3)}' of ${password}`,
      advice: `look at ${password}`,
      serverCode,
      cause: Object.assign(new Error("no"), { sql: password }),
    });
  const scrub = createScrub(password);
  const error = scrubError(build(1198), scrub);
  expect(error).toMatchObject({ kind: "rejected", serverCode: 1198, advice: "look at ***" });
  expect(error.cause).toBeUndefined();
  expect(error.message).not.toContain(password);
  // A syntax error quotes from the middle of the statement: a part of the password is one, too.
  for (const code of [1064, 1470]) {
    expect(scrubError(build(code), scrub).message).not.toMatch(/secret/);
  }
});
