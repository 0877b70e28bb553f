/** What is not built in: certificates of a real authority, for users and for hosts, which the system's ssh uses. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createBuiltinTransport } from "../../src/drivers/ssh/builtin-transport.ts";
import type { SshTransport } from "../../src/drivers/ssh/ssh-transport.ts";
import { createSshTransport } from "../../src/drivers/ssh/transport.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { createKey, type LabKey } from "../lab/ssh-keys.ts";
import { type LabSshd, startSshd } from "../lab/sshd.ts";
import { tryOpen } from "./support/ssh-place.ts";

describeEngine(["openssh"], "a site with an SSH authority", () => {
  let dir: string;
  let sshd: LabSshd;
  let user: LabKey;
  let authority: LabKey;
  const opened: SshTransport[] = [];

  /** Signs a public key as ssh-keygen -s does; the certificate lies beside it. */
  const sign = (key: LabKey, args: readonly string[]) =>
    execFileSync("ssh-keygen", ["-q", "-s", authority.file, "-I", "lab", ...args, `${key.file}.pub`]);
  const settings = () => ({ configFile: join(dir, "config"), knownHostsFile: join(dir, "known_hosts") });
  const keep = (transport: SshTransport) => {
    opened.push(transport);
    return transport;
  };
  const byOpenssh = () => keep(createSshTransport({ ...settings(), transport: "openssh" }));
  const builtIn = () => keep(createBuiltinTransport(settings()));
  const tryWay = (transport: SshTransport) =>
    tryOpen(
      transport,
      { user: null, host: "127.0.0.1", port: sshd.port },
      { kind: "tcp", host: "127.0.0.1", port: sshd.port },
    );
  const knowHost = () => writeFileSync(settings().knownHostsFile, sshd.knownHostsLines);
  const knowAuthority = (marker = "@cert-authority", names = sshd.knownName) =>
    writeFileSync(settings().knownHostsFile, `${marker} ${names} ${authority.publicLine}\n`);

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "sbx-cert-"));
    authority = createKey(join(dir, "authority"));
    user = createKey(join(dir, "id_user"));
    const certificate = join(dir, "sshd", "host_ed25519-cert.pub");
    // Nobody's key is in authorized_keys: who has no certificate does not get in.
    sshd = await startSshd({
      dir: join(dir, "sshd"),
      authorized: [],
      lines: [`TrustedUserCAKeys ${authority.file}.pub`],
    });
    sign(sshd.hostKeys[0] as LabKey, ["-h", "-n", "127.0.0.1", "-V", "+1h"]);
    await sshd.kill();
    await sshd.start([`TrustedUserCAKeys ${authority.file}.pub`, `HostCertificate ${certificate}`]);
    writeFileSync(
      settings().configFile,
      `Host *\n IdentityFile ${user.file}\n IdentitiesOnly yes\n IdentityAgent none\n`,
    );
    sign(user, ["-n", sshd.user, "-V", "+1h"]);
  });
  afterEach(() => Promise.all(opened.splice(0).map((transport) => transport.close())));
  afterAll(async () => {
    await sshd?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test("a user's certificate logs in through the system's ssh; what is built in is refused and says what would help", async () => {
    knowHost();
    expect(await tryWay(byOpenssh())).toMatchObject({ kind: "open" });
    const refused = await tryWay(builtIn());
    expect(refused).toMatchObject({ kind: "unreachable", code: "LOGIN_REFUSED" });
    expect(refused.message).toContain(`${user.file}-cert.pub is a certificate, which is not used here`);
    expect(refused.message).toContain("transport: openssh");
  });

  test("a host's certificate makes it known by its authority, through the system's ssh only", async () => {
    knowAuthority();
    expect(await tryWay(byOpenssh())).toMatchObject({ kind: "open" });
    const refused = await tryWay(builtIn());
    expect(refused).toMatchObject({ kind: "unreachable", code: "HOST_KEY_UNKNOWN" });
    expect(refused.message).toContain("transport: openssh");
  });

  test("an authority for other hosts, and one that is revoked, make nothing known", async () => {
    knowAuthority("@cert-authority", "other.example.com");
    expect(await tryWay(byOpenssh())).toMatchObject({ kind: "unreachable", code: "HOST_KEY_UNKNOWN" });
    knowAuthority("@revoked", "*");
    expect(await tryWay(byOpenssh())).toMatchObject({ kind: "unreachable", code: "HOST_KEY_REVOKED" });
  });

  test("a certificate that has expired, or is for somebody else, is refused", async () => {
    knowHost();
    const good = readFileSync(`${user.file}-cert.pub`);
    for (const args of [
      ["-n", sshd.user, "-V", "-2h:-1h"],
      ["-n", "somebody-else", "-V", "+1h"],
    ]) {
      sign(user, args);
      expect(await tryWay(byOpenssh())).toMatchObject({ kind: "unreachable", code: "LOGIN_REFUSED" });
    }
    writeFileSync(`${user.file}-cert.pub`, good);
    expect(await tryWay(byOpenssh())).toMatchObject({ kind: "open" });
  });
});
