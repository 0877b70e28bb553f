import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { buildPublicKey, signWithPassword } from "../../../../../src/drivers/mysql/auth/ed25519.ts";

const spkiHead = Buffer.from("302a300506032b6570032100", "hex");
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");
const asKey = (raw: Buffer) => createPublicKey({ key: Buffer.concat([spkiHead, raw]), format: "der", type: "spki" });

describe("The signature for MariaDB's ed25519 plugin", () => {
  it("belongs to the key that MariaDB's manual gives for the password secret", () => {
    expect(buildPublicKey("secret").toString("base64").replace("=", "")).toBe(
      "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY",
    );
  });

  it.each(["s", "secret", "pässwörd mit Ümlauten", "x".repeat(200)])("verifies for the password %s", (password) => {
    for (let round = 0; round < 3; round++) {
      const challenge = randomBytes(32);
      const signature = signWithPassword(password, challenge);
      expect(verify(null, challenge, asKey(buildPublicKey(password)), signature)).toBe(true);
      expect(verify(null, randomBytes(32), asKey(buildPublicKey(password)), signature)).toBe(false);
    }
  });

  it("is that of every other Ed25519 where the password has 32 bytes", () => {
    const password = "thirty-two bytes are a plain key";
    const key = createPrivateKey({
      key: Buffer.concat([pkcs8Head, Buffer.from(password)]),
      format: "der",
      type: "pkcs8",
    });
    const challenge = randomBytes(32);
    expect(signWithPassword(password, challenge)).toEqual(sign(null, challenge, key));
  });
});
