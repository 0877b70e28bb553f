/** The SSH configuration on real hosts: a chain of two with a key each, Include, Match, tokens; with the system's `ssh -G`, and without. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createBuiltinTransport } from "../../src/drivers/ssh/builtin-transport.ts";
import type { SshTransport } from "../../src/drivers/ssh/ssh-transport.ts";
import { createSshTransport } from "../../src/drivers/ssh/transport.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { createKey } from "../lab/ssh-keys.ts";
import { type LabSshd, startSshd } from "../lab/sshd.ts";
import { tryOpen } from "./support/ssh-place.ts";

describeEngine(["openssh"], "the SSH configuration", () => {
  let dir: string;
  let jump: LabSshd;
  let far: LabSshd;
  const opened: SshTransport[] = [];
  const PATH = process.env.PATH;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "sbx-sshcfg-"));
    const [forJump, forFar] = [createKey(join(dir, "one")), createKey(join(dir, "two"), "rsa")];
    // Neither host takes the key of the other.
    jump = await startSshd({ dir: join(dir, "jump"), authorized: [forJump] });
    far = await startSshd({ dir: join(dir, "far"), authorized: [forFar] });
    copyFileSync(forJump.file, join(dir, `id_${jump.user}_${jump.port}`));
    copyFileSync(forFar.file, join(dir, "id_hop-far"));
    writeFileSync(join(dir, "known_hosts"), jump.knownHostsLines + far.knownHostsLines);
    mkdirSync(join(dir, "more"));
    const jumpLines = ` HostName 127.0.0.1\n Port ${jump.port}\n User ${jump.user}\n IdentityFile ${dir}/id_%r_%p\n`;
    writeFileSync(join(dir, "more/10.conf"), `Host hop-jump !hop-far\n${jumpLines}`);
    writeFileSync(join(dir, "more/20.conf"), `Host hop-far\n HostName 127.0.0.1\n IdentityFile ${dir}/id_%n\n`);
  });
  beforeEach(() => write(`Host hop-far\n Port ${far.port}\n`));
  afterEach(async () => {
    process.env.PATH = PATH;
    for (const transport of opened.splice(0)) await transport.close();
  });
  afterAll(async () => {
    await Promise.all([jump?.stop(), far?.stop()]);
    rmSync(dir, { recursive: true, force: true });
  });

  const settings = () => ({ configFile: join(dir, "config"), knownHostsFile: join(dir, "known_hosts") });
  const write = (lines: string) =>
    writeFileSync(
      settings().configFile,
      `Include ${dir}/more/*.conf\n${lines}Host hop-far\n ProxyJump hop-jump\nHost *\n IdentitiesOnly yes\n IdentityAgent none\n`,
    );
  const keep = (transport: SshTransport) => {
    opened.push(transport);
    return transport;
  };
  const tryFar = (transport = keep(createBuiltinTransport(settings()))) =>
    tryOpen(transport, { user: null, host: "hop-far", port: null }, { kind: "tcp", host: "127.0.0.1", port: far.port });

  test("a chain of hosts with a key each, out of included files, is gone by as ssh itself goes it", async () => {
    expect(await tryFar()).toMatchObject({ kind: "open" });
    expect(await tryFar(keep(createSshTransport({ ...settings(), transport: "openssh" })))).toMatchObject({
      kind: "open",
    });
  });

  test("where this machine has no ssh, the file is read by ourselves, and leads to the same place", async () => {
    process.env.PATH = join(dir, "more");
    expect(await tryFar()).toMatchObject({ kind: "open" });
  });

  test("Match counts through ssh, which runs what it says", async () => {
    write(`Match originalhost hop-far exec "test -e ${dir}/flag"\n Port ${far.port}\nHost hop-far\n Port 1\n`);
    expect(await tryFar()).toMatchObject({ kind: "unreachable", code: "SSH_ECONNREFUSED" });
    writeFileSync(join(dir, "flag"), "");
    expect(await tryFar()).toMatchObject({ kind: "open" });
  });

  test("the key of one host does not open the other: which was refused is told", async () => {
    write(`Host hop-far\n Port ${far.port}\n`);
    rmSync(join(dir, "id_hop-far"));
    copyFileSync(join(dir, "one"), join(dir, "id_hop-far"));
    const refused = await tryFar();
    copyFileSync(join(dir, "two"), join(dir, "id_hop-far"));
    expect(refused).toMatchObject({ kind: "unreachable", code: "LOGIN_REFUSED" });
    expect(refused.message).toContain(`:${far.port}`);
    expect(refused.message).toContain("id_hop-far");
  });

  test("one that ssh refuses is an error with its words", async () => {
    write("NoSuchKeyword yes\n");
    const refused = await tryFar();
    expect(refused.kind).toBe("unreachable");
    expect(refused.message).toMatch(/the SSH configuration cannot be used \(.*nosuchkeyword|bad configuration/i);
  });
});
