import type { Settings } from "../../../src/model/settings.ts";
import type { Lab } from "../../lab/index.ts";
import { buildNodeSettings, buildSettings } from "../../unit/monitor/support/settings.ts";

/** Settings of the console for a lab: cluster `shop`, every node and HAProxy configured. */
export function settingsOf(lab: Lab): Settings {
  const { user, password } = lab.accounts.ops;
  const access = { ...buildNodeSettings("", "").access, user, password: { secret: password } };
  const haproxies = lab.haproxies.map(({ name, socketPath }) => ({
    name,
    location: { kind: "unix", path: socketPath } as const,
  }));
  const nodes = lab.nodes.map(({ name, host, port }) => ({ ...buildNodeSettings(name, host), port, access }));
  return buildSettings({ access, haproxies, nodes });
}
