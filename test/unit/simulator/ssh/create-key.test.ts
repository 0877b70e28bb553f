import ssh2 from "ssh2";
import { expect, it } from "vitest";
import { createKey } from "../../../../src/simulator/ssh/create-key.ts";

/** Pairs of which the generator spoils one half, as ssh2 1.17 does with one in 128. */
function spoil(times: number): typeof ssh2.utils {
  let left = times;
  return {
    ...ssh2.utils,
    generateKeyPairSync: ((kind: "ed25519") => {
      const pair = ssh2.utils.generateKeyPairSync(kind);
      left -= 1;
      return left < 0 ? pair : { ...pair, public: pair.public.slice(0, -8) };
    }) as typeof ssh2.utils.generateKeyPairSync,
  };
}

it("gives only a pair that is whole", () => {
  const { parsed } = createKey(spoil(3));
  expect(parsed.type).toBe("ssh-ed25519");
});

it("ends when there is none", () => {
  expect(() => createKey(spoil(1_000))).toThrow(/no usable/);
});
