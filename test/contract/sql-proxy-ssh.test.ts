/** The admin port of an SQL proxy through real sshd: ProxySQL's user `admin` may log in from its own host only. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDrivers, type RealDrivers } from "../../src/engine/drivers.ts";
import type { HaproxySettings } from "../../src/model/settings.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { buildProxysqlServer, type ProxysqlStandIn, startProxysqlStandIn } from "../lab/sql-proxies/proxysql.ts";
import { waitFor } from "../lab/wait.ts";
import { boundsOf, buildSettings } from "./support/sql-proxies.ts";
import { type SshPlace, startSshPlace } from "./support/ssh-place.ts";

describeEngine(["openssh"], "ProxySQL behind SSH", () => {
  let place: SshPlace;
  let proxy: ProxysqlStandIn;
  let drivers: RealDrivers;

  beforeAll(async () => {
    place = await startSshPlace();
    proxy = await startProxysqlStandIn([buildProxysqlServer(10, "127.0.0.1", 3306)]);
    drivers = openDrivers({ ssh: place.settings });
  });
  afterAll(async () => {
    await drivers?.close();
    await Promise.all([place?.stop(), proxy?.stop()]);
  });

  function behind(ssh: string): HaproxySettings {
    const { name, location } = buildSettings("proxysql", proxy);
    if (location.kind !== "sql-admin") throw new Error("no SQL admin");
    return { name, location: { ...location, ssh } };
  }

  test.each(["one host", "two hosts"])("is read and changed behind %s", async (way) => {
    const settings = behind(way === "one host" ? place.jump.target : "far");
    const reader = drivers.parts.openHaproxy(settings);
    expect((await reader.poll(boundsOf(10_000))).servers).toMatchObject([
      { backend: "hg10", server: "127.0.0.1:3306" },
    ]);
    const writer = drivers.openHaproxyWriter(settings);
    const change = { kind: "server-weight", haproxy: "px1", backend: "hg10", server: "127.0.0.1:3306" } as const;
    const weight = way === "one host" ? 5 : 6;
    const result = await writer.change({ ...change, weight }, { expectedPid: null, ...boundsOf(10_000) });
    expect(result.servers).toMatchObject([{ weight }]);
    expect(proxy.runtime).toMatchObject([{ weight }]);
    await Promise.all([reader.close(), writer.close()]);
    await waitFor("no connection", () => proxy.openConnections() === 0);
  });

  test("a host that refuses the key is told as SSH's refusal", async () => {
    place.writeKnownHosts("");
    const fresh = openDrivers({ ssh: place.settings });
    const reader = fresh.parts.openHaproxy(behind(place.jump.target));
    await expect(reader.poll(boundsOf(10_000))).rejects.toMatchObject({ message: expect.stringMatching(/host key/i) });
    await fresh.close();
    place.writeKnownHosts();
  });
});
