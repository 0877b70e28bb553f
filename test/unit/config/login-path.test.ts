import { createCipheriv, randomBytes } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { decryptLoginFile } from "../../../src/config/secrets/login-path.ts";
import { type Bench, CLUSTER, createBench } from "./load.ts";

/** Made by mysql_config_editor itself; it is a test file of mycli (github.com/dbcli/mycli, test/mylogin.cnf). */
const original = Buffer.from(
  "00000000040e1f1e131709141715150b1b00010a060b0f16100000008182cd5a05bf4af27d0629401d809807" +
    "100000000cbc9a80deab99a052f5469fc09086c620000000bcf2d8d5ef7c285eb685d3cf8ea9ea097d8b61c98afbdd646a22bdf44fd118e9" +
    "2000000014a8efb70bb0a23c6edbf46171" +
    "7e655a7d1971bd8dd2a3b90ec37b0b78c8c658100000003d0419b0bfa886cc9cdf19c4ca9efa5f",
  "hex",
);

/** As mysql_config_editor writes it: every line encrypted on its own. */
function encrypt(text: string): Buffer {
  const written = randomBytes(20);
  const key = Buffer.alloc(16);
  written.forEach((byte, index) => {
    key[index % 16] = (key[index % 16] ?? 0) ^ byte;
  });
  const lines = text.split(/(?<=\n)/).map((line) => {
    const cipher = createCipheriv("aes-128-ecb", key, null);
    const bytes = Buffer.concat([cipher.update(line), cipher.final()]);
    const length = Buffer.alloc(4);
    length.writeInt32LE(bytes.length);
    return Buffer.concat([length, bytes]);
  });
  return Buffer.concat([Buffer.alloc(4), written, ...lines]);
}

const paths =
  '[client]\nuser = "anyone"\n[ops]\nuser = "signal"\npassword = "s3 cret#\\"x"\nhost = "db1"\n[bare]\nuser = "x"\n';

let bench: Bench = createBench();
afterEach(() => bench.remove());

function place(bytes: Buffer, mode = 0o600, name = "home/.mylogin.cnf"): string {
  const path = bench.write(name, "", 0o600);
  writeFileSync(path, bytes);
  chmodSync(path, mode);
  return path;
}

async function accessOf(mysql: string) {
  bench.write("cwd/signalbox.yaml", `mysql: ${mysql}\n${CLUSTER}`);
  return (await bench.load()).settings.clusters[0]?.access;
}

describe("login paths", () => {
  it("are read from a file that mysql_config_editor made", () => {
    expect(decryptLoginFile(original)).toBe("[test]\nuser = test\npassword = test\nhost = localhost\nport = 3306\n");
  });

  it("give user and password", async () => {
    bench = createBench();
    place(encrypt(paths));
    expect(await accessOf("{login_path: ops}")).toMatchObject({ user: "signal", password: { secret: 's3 cret#"x' } });
    expect(await accessOf("{user: own, login_path: ops}")).toMatchObject({ user: "own" });
  });

  it("come from the file that $MYSQL_TEST_LOGIN_FILE names, as those of mysql do", async () => {
    bench.remove();
    bench = createBench();
    const elsewhere = place(encrypt("[ops]\npassword=elsewhere\n"), 0o600, "other/login");
    place(encrypt(paths));
    const { dir, around } = bench;
    bench = { ...bench, dir, around: { ...around, env: { ...around.env, MYSQL_TEST_LOGIN_FILE: elsewhere } } };
    const { loadSettings } = await import("../../../src/config/load-settings.ts");
    const configFile = bench.write("cwd/signalbox.yaml", `mysql: {login_path: ops}\n${CLUSTER}`);
    const none = { cluster: null, haproxyUrls: [], mysqlUrls: [], readOnly: false, theme: null, interval: null };
    const { settings } = await loadSettings({ ...none, configFile }, bench.around);
    expect(settings.clusters[0]?.access.password).toEqual({ secret: "elsewhere" });
  });

  it.each([
    ["ops", encrypt(paths), 0o644, "which others may use too (mode 0644)", "chmod 600"],
    ["ops", encrypt(paths), 0o640, "(mode 0640)", "chmod 600"],
    ["canary", encrypt(paths), 0o600, "names a login path that", "it has client, ops, bare"],
    ["canary", encrypt(""), 0o600, "names a login path that", "it has none"],
    [
      "bare",
      encrypt(paths),
      0o600,
      "names a login path without a password",
      "mysql_config_editor set --login-path=bare",
    ],
    ["ops", encrypt(paths).subarray(0, 60), 0o600, "is no file of mysql_config_editor", "anew"],
    ["ops", Buffer.from("[ops]\npassword=canary and so on\n"), 0o600, "is no file of mysql_config_editor", "anew"],
    ["ops", Buffer.alloc(3), 0o600, "is no file of mysql_config_editor", "anew"],
  ])("%s of a file that cannot serve (%#) is a problem", async (name, bytes, mode, message, hint) => {
    bench = createBench();
    place(bytes, mode);
    const [problem] = await bench.problemsOf(`mysql:\n  login_path: ${name}\n${CLUSTER}`);
    expect(problem).toMatch(/^2:15: mysql\.login_path /);
    expect(problem).toContain(message);
    expect(problem).toContain(hint);
    expect(problem).not.toMatch(/canary|s3 cret/);
  });
});
