import fc from "fast-check";
import { expect, test } from "vitest";
import { ServerStates } from "../../../../src/drivers/haproxy/server-states.ts";
import { parseServersState } from "../../../../src/drivers/haproxy/show-servers-state.ts";

/** Rows of one backend each, with their place as id. */
function createStates(names: readonly string[]): ServerStates {
  const lines = names.map((name, id) => `2 ${id} b ${name}`).join("\n");
  return new ServerStates(parseServersState(`1\n# be_id srv_id be_name srv_name\n${lines}\n\n`) ?? []);
}

test("gives the row of each server and keeps the rest, in whatever order they are asked for", () => {
  const names = fc.uniqueArray(fc.constantFrom("s1", "s2", "s3", "s4", "s5", "s6"));
  fc.assert(
    fc.property(names, names, (listed, asked) => {
      const states = createStates(listed);
      const ids = asked.map((name) => states.take("b", name)?.serverId ?? -1);
      expect(ids).toEqual(asked.map((name) => listed.indexOf(name)));
      const rest = listed.filter((name) => !asked.includes(name));
      expect(states.selectUntaken().map(({ server }) => server)).toEqual(rest);
    }),
  );
});

test("tells servers of one name in different backends apart", () => {
  const states = createStates(["s1"]);
  expect(states.take("other", "s1")).toBeUndefined();
  expect(states.take("b", "s1")).toMatchObject({ serverId: 0 });
});
