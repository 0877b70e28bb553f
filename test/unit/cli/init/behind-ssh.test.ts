import { describe, expect, it } from "vitest";
import { keepReached, putBehindSsh } from "../../../../src/cli/init/behind-ssh.ts";
import { buildDraft } from "../../../../src/cli/init/draft.ts";
import { formatConfig } from "../../../../src/cli/init/format-config.ts";
import { buildR1, type Scene } from "../../../support/model-builders.ts";

const WAY = { user: "ops", host: "far", port: null };

/** R1 as it is seen by somebody who reaches its HAProxy through SSH. */
function throughSsh(): Scene {
  const scene = buildR1();
  return scene.configure({
    nodes: [],
    haproxies: [{ name: "lb1", location: { kind: "ssh", ...WAY, path: "/run/h.sock" } }],
  });
}

describe("nodes behind the SSH host of a HAProxy", () => {
  it("are those that do not answer, at the address that HAProxy has for them; the others are left as they are", () => {
    const scene = throughSsh().kill("db3");
    const tried = putBehindSsh(scene.settings, scene.snapshot());
    expect(tried?.nodes.map(({ name, host, port, ssh }) => [name, host, port, ssh])).toEqual([
      ["db3", "10.0.0.13", 3306, "ops@far"],
    ]);
  });

  it("are not tried where the login is refused, where no HAProxy is behind SSH, and not twice", () => {
    const refused = throughSsh().kill("db3", { kind: "auth" });
    expect(putBehindSsh(refused.settings, refused.snapshot())).toBeNull();
    const local = buildR1().kill("db3");
    expect(putBehindSsh(local.settings, local.snapshot())).toBeNull();
    const scene = throughSsh().kill("db3");
    const tried = putBehindSsh(scene.settings, scene.snapshot()) ?? scene.settings;
    expect(putBehindSsh(tried, scene.snapshot())).toBeNull();
    expect(keepReached(scene.settings, tried, scene.snapshot())).toEqual(scene.settings);
  });

  it("are written with it, and with the SSH settings that were used", () => {
    const scene = throughSsh();
    const tried = putBehindSsh(scene.settings, throughSsh().kill("db3").snapshot()) ?? scene.settings;
    const ssh = { configFile: "~/.ssh/config", knownHostsFile: "/kh", transport: "openssh" as const };
    const draft = buildDraft({ settings: tried, ssh, cluster: scene.snapshot(), configs: new Map() });
    const text = formatConfig(draft, { mysql: true, replication: true }, "2026-11-21");
    expect(text).toContain("- {name: db3, address: 10.0.0.13:3306, ssh: ops@far}\n");
    expect(text).toContain("- {name: db4, address: 10.0.0.14:3306}\n");
    expect(text).toContain("ssh:\n  config: ~/.ssh/config\n  known_hosts: /kh\n  transport: openssh\n");
  });
});
