/**
 * Which backends are looked through for nodes. One HAProxy often balances more than one database cluster, and other services too: once the
 * writer or reader backends are known, only they and backends that share a server with them concern this cluster, and nothing else is spoken to.
 */
import { addressKey } from "./address.ts";
import type { HaproxyReport } from "./haproxy.ts";
import type { ClusterSettings } from "./settings.ts";
import { findWriterBackend, httpBackends } from "./writer-route.ts";

/** Returns whether servers of a backend may be nodes of the cluster; every backend, while neither writer nor readers are known. */
export function selectDiscoveryScope(
  settings: ClusterSettings,
  reports: readonly HaproxyReport[],
): (backend: string) => boolean {
  const writer = settings.writer?.backend ?? findWriterBackend(reports, httpBackends(reports));
  const scope = new Set([...(writer === null ? [] : [writer]), ...(settings.readers ?? [])]);
  if (scope.size === 0) return () => true;
  const members = groupAddresses(reports);
  const known = new Set(settings.nodes.map(({ host, port }) => addressKey(host, port)));
  for (const backend of scope) for (const address of members.get(backend) ?? []) known.add(address);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [backend, addresses] of members) {
      if (scope.has(backend) || !addresses.some((address) => known.has(address))) continue;
      scope.add(backend);
      for (const address of addresses) known.add(address);
      grown = true;
    }
  }
  return (backend) => scope.has(backend);
}

function groupAddresses(reports: readonly HaproxyReport[]): Map<string, string[]> {
  const members = new Map<string, string[]>();
  for (const { servers } of reports) {
    for (const { backend, host, port } of servers) {
      if (host === null || host === "" || port === null) continue;
      const addresses = members.get(backend);
      if (addresses === undefined) members.set(backend, [addressKey(host, port)]);
      else addresses.push(addressKey(host, port));
    }
  }
  return members;
}
