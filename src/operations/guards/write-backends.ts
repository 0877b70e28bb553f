/** Which backends writes go through, as far as that is known. */
import { freshValue } from "../../model/reading.ts";
import { httpBackends } from "../../model/writer-route.ts";
import type { GuardFacts } from "./guard.ts";

/**
 * `yes`: it is the writer's. `no`: it is named as one for reading, is HTTP, has no MySQL node that is known, or is taken for one for reading and has other active servers than
 * the nodes that get the writes. `maybe`: anything else, since not being the writer's backend does not make it one for reading.
 */
export function carriesWrites(
  { view, settings }: Pick<GuardFacts, "view" | "settings">,
  backend: string,
): "yes" | "maybe" | "no" {
  const { writer, readerBackends, haproxies } = view.cluster;
  if (backend === writer?.backend) return "yes";
  if (settings.readers?.includes(backend) === true) return "no";
  if (httpBackends(haproxies.flatMap(({ reading }) => freshValue(reading) ?? [])).has(backend)) return "no";
  if (writer === null) return "maybe";
  const servers = view.servers.filter(({ server }) => server.backend === backend);
  if (servers.every(({ node }) => node === null)) return "no";
  if (!readerBackends.includes(backend)) return "maybe";
  const active = servers.filter(({ server }) => !server.backup);
  const onlyWriters = active.every(({ node }) => node !== null && writer.expected.includes(node));
  return active.length > 0 && onlyWriters ? "maybe" : "no";
}
