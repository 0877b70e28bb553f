import { createPublicKey, verify } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { buildPublicKey } from "../../../../../src/drivers/mysql/auth/ed25519.ts";
import { createMysqlReader } from "../../../../../src/drivers/mysql/reader.ts";
import { buildError, buildGreeting, buildPacket, type FakeServer, startFakeServer } from "../fake-server.ts";

let server: FakeServer | undefined;
afterEach(() => server?.close());

/** The error of a login to a server that asks for a plugin, and what was answered to its challenge. */
async function logInWith(plugin: string, challenge: Buffer, password = "s3cret") {
  let answer = Buffer.alloc(0);
  let step = 0;
  server = await startFakeServer((socket) => {
    socket.write(buildGreeting("5.5.5-10.11.6-MariaDB"));
    socket.on("data", (chunk) => {
      step++;
      if (step === 1)
        socket.write(buildPacket(2, Buffer.concat([Buffer.from(`\xfe${plugin}\0`, "latin1"), challenge])));
      if (step === 2) {
        answer = chunk.subarray(4);
        socket.write(buildError(4, 1045, "Access denied"));
      }
    });
  });
  const tls = { mode: "off", caFile: null, certFile: null, keyFile: null } as const;
  const access = { user: "ops", password: { secret: password }, tls, connectTimeoutMs: 2_000 };
  const reader = createMysqlReader({
    name: "db1",
    host: "127.0.0.1",
    port: server.port,
    access,
    heartbeatTable: null,
  });
  const error = await reader
    .poll({ signal: new AbortController().signal, timeoutMs: 2_000 })
    .catch((thrown: unknown) => thrown);
  await reader.close();
  return { error, answer };
}

describe("An account with", () => {
  it("MariaDB's ed25519 is answered with a signature of the challenge by the key of the password", async () => {
    const challenge = Buffer.alloc(32, 7);
    const { answer, error } = await logInWith("client_ed25519", challenge);
    const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), buildPublicKey("s3cret")]);
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    expect(verify(null, challenge, key, answer)).toBe(true);
    expect(error).toMatchObject({ kind: "auth", serverCode: 1045 });
  });

  it.each([
    ["auth_gssapi_client", "auth_gssapi_client (Kerberos)"],
    ["dialog", "dialog (PAM)"],
    ["mysql_clear_password", "mysql_clear_password (the password in clear text, as PAM and LDAP do)"],
    ["parsec", "parsec"],
    ["__proto__", "__proto__"],
  ])("the plugin %s is refused by name, with what to use instead", async (plugin, words) => {
    const { error, answer } = await logInWith(plugin, Buffer.alloc(20, 7));
    expect(error).toMatchObject({ kind: "auth", operation: "connect" });
    expect((error as Error).message).toContain(`logs in with the plugin ${words}, which signalbox does not speak`);
    expect((error as { advice: string }).advice).toContain("caching_sha2_password");
    expect(answer).toHaveLength(0);
  });
});
