/** What the file says now against what runs: a reload makes the file's word true. */
import { isIP } from "node:net";
import { formatAddress, normalizeHost } from "../../model/address.ts";
import type { HaproxyReport, HaproxyServer } from "../../model/haproxy.ts";
import type { ConfigProxy, ConfigServer, HaproxyConfig } from "./config.ts";

/** One sentence part per difference, e.g. `write_nodes/db2 is backup in the file and active in the process`. */
export function findDrift(config: HaproxyConfig, report: HaproxyReport): readonly string[] {
  // Which lines of a conditional file count is known to HAProxy alone.
  if (config.hasConditions) return [];
  const running = groupByBackend(report.servers);
  const proxies = config.proxies.filter(({ kind, disabled }) => kind !== "frontend" && !disabled);
  const written = new Set(proxies.map(({ name }) => name));
  return [
    ...proxies.flatMap((proxy) => compareProxy(proxy, running.get(proxy.name) ?? null)),
    ...[...running.keys()]
      .filter((name) => !written.has(name) && !config.proxies.some((proxy) => proxy.name === name))
      .map((name) => `backend ${name} runs and is not in the file`),
  ];
}

function groupByBackend(servers: readonly HaproxyServer[]): ReadonlyMap<string, readonly HaproxyServer[]> {
  const groups = new Map<string, HaproxyServer[]>();
  for (const server of servers) groups.set(server.backend, [...(groups.get(server.backend) ?? []), server]);
  return groups;
}

function compareProxy(proxy: ConfigProxy, running: readonly HaproxyServer[] | null): readonly string[] {
  if (running === null) {
    return proxy.servers.length === 0 ? [] : [`backend ${proxy.name} is in the file and does not run`];
  }
  const both = proxy.servers.flatMap((server) => {
    const found = running.find((other) => other.server === server.name);
    return found === undefined
      ? [`${proxy.name}/${server.name} is in the file and does not run`]
      : compareServer(server, found);
  });
  if (proxy.hasTemplates) return both;
  const added = running.filter(({ server }) => !proxy.servers.some(({ name }) => name === server));
  return [...both, ...added.map(({ server }) => `${proxy.name}/${server} runs and is not in the file`)];
}

function compareServer(file: ConfigServer, running: HaproxyServer): readonly string[] {
  const name = `${running.backend}/${running.server}`;
  const differences: string[] = [];
  const differ = (what: string, inFile: unknown, runs: unknown) =>
    differences.push(`${name} has ${what} ${inFile} in the file and ${runs} in the process`);
  if (file.backup !== running.backup) {
    const role = (backup: boolean) => (backup ? "backup" : "active");
    differences.push(`${name} is ${role(file.backup)} in the file and ${role(running.backup)} in the process`);
  }
  if (running.adminReasons !== null && file.disabled !== running.adminReasons.includes("maint-config")) {
    differences.push(
      `${name} is ${file.disabled ? "" : "not "}disabled in the file${file.disabled ? " only" : ", but was at the start"}`,
    );
  }
  const weight = file.weight ?? 1;
  if (running.initialWeight !== null && running.initialWeight !== weight)
    differ("weight", weight, running.initialWeight);
  if (file.check && file.rise !== null && running.rise !== null && file.rise !== running.rise)
    differ("rise", file.rise, running.rise);
  if (file.check && file.fall !== null && running.fall !== null && file.fall !== running.fall)
    differ("fall", file.fall, running.fall);
  if (isOtherAddress(file, running)) {
    const address = (host: string | null, port: number | null) => formatAddress(host ?? "?", port ?? 0);
    differ("address", address(file.host, file.port), address(running.host, running.port));
  }
  return differences;
}

/** Only addresses are compared: what a name stands for is known to HAProxy's resolver. */
function isOtherAddress(file: ConfigServer, running: HaproxyServer): boolean {
  if (file.host === null || running.host === null || running.host === "") return false;
  if (isIP(file.host) === 0 || isIP(running.host) === 0) return false;
  if (normalizeHost(file.host) !== normalizeHost(running.host)) return true;
  return file.port !== null && running.port !== null && running.port > 0 && file.port !== running.port;
}
