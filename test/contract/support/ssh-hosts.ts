/** A way into each host of a pair through a real sshd: what is asked for runs there, by the shell of the account, as after any login. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SshSettings } from "../../../src/model/settings.ts";
import type { HostPair } from "../../lab/host-pair.ts";
import { createKey } from "../../lab/ssh-keys.ts";
import { startSshd } from "../../lab/sshd.ts";

export interface SshHosts {
  readonly settings: SshSettings;
  /** Who is logged in from now on; a number is a user of the host. */
  logInAs(user: "root" | number): void;
  stop(): Promise<void>;
}

/** The hosts have names in the configuration: lb1 and lb2. */
export async function startSshHosts({ hosts }: HostPair): Promise<SshHosts> {
  const dir = mkdtempSync(join(tmpdir(), "sbx-ssh-"));
  const key = createKey(join(dir, "id"));
  const script = (name: string) => join(dir, `enter-${name}.sh`);
  const servers = await Promise.all(
    hosts.map(({ name }) =>
      startSshd({ dir: join(dir, name), authorized: [key], lines: [`ForceCommand /bin/sh ${script(name)}`] }),
    ),
  );
  const logInAs: SshHosts["logInAs"] = (user) => {
    const drop = user === "root" ? [] : ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", "--"];
    for (const host of hosts) {
      const command = host.inside([...drop, "/bin/sh", "-c"]).join(" ");
      writeFileSync(script(host.name), `exec ${command} "$SSH_ORIGINAL_COMMAND"\n`);
    }
  };
  logInAs("root");
  const blocks = hosts.map(
    ({ name }, index) =>
      `Host ${name}\n HostName 127.0.0.1\n Port ${servers[index]?.port}\n User ${servers[index]?.user}\n`,
  );
  const settings = { configFile: join(dir, "config"), knownHostsFile: join(dir, "known_hosts") };
  const common = `Host *\n IdentitiesOnly yes\n IdentityAgent none\n IdentityFile ${key.file}\n`;
  writeFileSync(settings.configFile, `${blocks.join("")}${common}`);
  writeFileSync(settings.knownHostsFile, servers.map(({ knownHostsLines }) => knownHostsLines).join(""));
  return {
    settings,
    logInAs,
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
