/** Accounts of MariaDB's ed25519 plugin on a real server: passwords of every length and script, in clear text. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createMysqlReader } from "../../src/drivers/mysql/reader.ts";
import { createMysqlWriter } from "../../src/drivers/mysql/writer.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { requireEngine } from "../lab/engines.ts";
import { type Lab, type LabNode, startLab } from "../lab/index.ts";

describeEngine(["mariadb-plugins", "haproxy-2.6"], "ed25519 accounts of a real MariaDB", () => {
  let lab: Lab;
  let node: LabNode;
  beforeAll(async () => {
    lab = await startLab({ topology: "single", engine: "mariadb-plugins" });
    node = lab.node("db1");
    const plugins = join(requireEngine("mariadb-plugins").baseDir, "lib/mysql/plugin");
    await node.restart([`--plugin-dir=${plugins}`, "--plugin-load-add=auth_ed25519"]);
  });
  afterAll(() => lab?.stop());

  const targetFor = (user: string, password: string) => ({
    name: "db1",
    host: node.host,
    port: node.port,
    access: {
      user,
      password: { secret: password },
      tls: { mode: "off", caFile: null, certFile: null, keyFile: null },
      connectTimeoutMs: 2_000,
    } as const,
    heartbeatTable: null,
  });
  const bounds = () => ({ signal: new AbortController().signal, timeoutMs: 5_000 });
  const createAccount = async (user: string, password: string): Promise<void> => {
    const hex = Buffer.from(password, "utf8").toString("hex");
    await node.query(
      `EXECUTE IMMEDIATE CONCAT("CREATE USER '${user}'@'%' IDENTIFIED VIA ed25519 USING PASSWORD(", QUOTE(CONVERT(X'${hex}' USING utf8mb4)), ")")`,
    );
    await node.query(`GRANT PROCESS, BINLOG MONITOR, REPLICA MONITOR, READ_ONLY ADMIN ON *.* TO '${user}'@'%'`);
  };

  it.each([
    ["short", "a"],
    ["of 32 bytes, as long as a seed", "0123456789abcdef0123456789abcdef"],
    ["longer", "correct horse battery staple, and then some more of it than a seed has"],
    ["of other scripts and with quotes", `pä"ß'\\ 密码`],
  ])("a password %s", async (_, password) => {
    const user = `ed${Buffer.byteLength(password)}`;
    await createAccount(user, password);
    const reader = createMysqlReader(targetFor(user, password));
    expect(await reader.poll(bounds()).finally(() => reader.close())).toMatchObject({ flavor: "mariadb", serverId: 1 });
    const writer = createMysqlWriter(targetFor(user, password));
    const change = { kind: "read-only", node: "db1", on: false, superToo: false } as const;
    await writer.execute(change, bounds()).finally(() => writer.close());
    const wrong = createMysqlReader(targetFor(user, `${password}x`));
    await expect(wrong.poll(bounds()).finally(() => wrong.close())).rejects.toMatchObject({
      kind: "auth",
      serverCode: 1045,
    });
  });
});
