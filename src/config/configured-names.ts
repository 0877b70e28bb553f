/** Names in a configuration file, for completion: no secret is read, no program run, nobody asked, and problems are nobody's business. */
import { BUILT_IN_THEMES } from "../model/theme.ts";
import { ProblemList } from "./config-error.ts";
import { findConfigFile, type Surroundings } from "./find-config-file.ts";
import { parseYaml } from "./parse-yaml.ts";
import { type ClusterRecord, configFile } from "./schema.ts";
import { listOwnThemeNames, listThemeFolders } from "./themes/own-themes.ts";

export interface ConfiguredNames {
  readonly clusters: readonly string[];
  readonly haproxies: readonly string[];
  readonly nodes: readonly string[];
  /** `BACKEND/SERVER` as far as the file tells. */
  readonly servers: readonly string[];
  /** Those of the program and those of the user. */
  readonly themes: readonly string[];
}

/** @param cluster null: of all clusters. @throws ConfigError when the file cannot be read */
export async function readConfiguredNames(
  named: string | null,
  cluster: string | null,
  around: Surroundings,
): Promise<ConfiguredNames> {
  const found = await findConfigFile(named, around);
  const themes = [...BUILT_IN_THEMES, ...(await listOwnThemeNames(listThemeFolders(around, found?.path ?? null)))];
  if (found === null) return { clusters: [], haproxies: [], nodes: [], servers: [], themes };
  const file = configFile(parseYaml(found.path, found.text, new ProblemList()));
  const all = (file?.clusters?.value ?? []).map(({ value }) => value);
  const wanted = all.filter(({ name }) => cluster === null || name?.value === cluster);
  return {
    clusters: all.flatMap(({ name }) => name?.value ?? []),
    haproxies: unique(
      wanted.flatMap(({ haproxy }) => haproxy?.value ?? []).flatMap(({ value }) => value.name?.value ?? []),
    ),
    nodes: unique(wanted.flatMap(({ nodes }) => nodes?.value ?? []).flatMap(({ value }) => value.name?.value ?? [])),
    servers: unique(wanted.flatMap(listServers)),
    themes,
  };
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];

/** Servers named by hand; for the other nodes the writer and reader backends, where servers are mostly named like nodes. */
function listServers({ nodes, writer, readers }: ClusterRecord): readonly string[] {
  const backends = [writer, ...(readers?.value ?? [])].flatMap((each) => each?.value.backend ?? []);
  return (nodes?.value ?? []).flatMap(({ value: { name, servers } }) => {
    if (servers !== undefined) return servers.value.map(({ value }) => String(value));
    return name === undefined ? [] : backends.map(({ value }) => `${value}/${name.value}`);
  });
}
