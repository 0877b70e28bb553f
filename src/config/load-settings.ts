/** From files, environment and command line to Settings. The only door into this folder. */
import { homedir, userInfo } from "node:os";
import { dirname } from "node:path";
import { findNearMatch } from "../model/near-match.ts";
import type { ClusterSettings, Settings } from "../model/settings.ts";
import type { BuildContext } from "./build-access.ts";
import { buildCluster } from "./build-cluster.ts";
import { checkFile } from "./check-file.ts";
import { ConfigError, ProblemList, UsageError } from "./config-error.ts";
import { quoteValue } from "./decode/scalar.ts";
import type { Located } from "./decode/value.ts";
import { type ConfigFile, findConfigFile, listSearchPlaces, type Surroundings } from "./find-config-file.ts";
import { buildFlagsCluster, checkFlags, type FlagEndpoints } from "./flags.ts";
import { parseYaml } from "./parse-yaml.ts";
import { expandPath } from "./paths.ts";
import { type ClusterRecord, configFile, type FileRecord } from "./schema.ts";
import { createSecretReader } from "./secrets/reader.ts";
import { listSecretVariables } from "./secrets/secret-variables.ts";
import { checkTheme, listThemeFolders } from "./themes/own-themes.ts";

/** What the command line says about the configuration; null where an option was not given. */
export interface SettingsRequest {
  readonly configFile: string | null;
  readonly cluster: string | null;
  readonly haproxyUrls: readonly string[];
  readonly mysqlUrls: readonly string[];
  readonly readOnly: boolean;
  readonly theme: string | null;
  readonly mouse?: boolean | null;
  readonly interval: string | null;
}

export interface LoadedSettings {
  readonly settings: Settings;
  /** Absolute path of the file that was read; null when there was none. */
  readonly configPath: string | null;
  /** Where themes of the user's own are, the first first. */
  readonly themeFolders: readonly string[];
  /** Names of environment variables that hold passwords; not to be passed on to other programs. */
  readonly secretVariables: readonly string[];
}

const COMMAND_TIMEOUT_MS = 10_000;
const INTERVAL_MS = 1000;
const DEFAULT_THEME = "dark";

/** As a shell does it: who has no home is at home in the root directory. */
function readHomeDir(): string {
  try {
    return homedir();
  } catch {
    return "/";
  }
}

/** The process as the configuration sees it. */
export function readSurroundings(
  env: Surroundings["env"],
  cwd: string,
  askSecret: Surroundings["askSecret"] = null,
): Surroundings {
  let userName = env.USER ?? "root";
  try {
    userName = userInfo().username;
  } catch {
    // A container may run under a uid without a passwd entry.
  }
  return { env, cwd, homeDir: env.HOME || readHomeDir(), userName, askSecret };
}

/**
 * Settings for the clusters asked for: those of the file, or one made of `--haproxy` and `--mysql`, which then replaces them while
 * everything else in the file stays valid. Runs `password_command`s.
 * @throws ConfigError for the file, UsageError for the command line
 */
export async function loadSettings(request: SettingsRequest, around: Surroundings): Promise<LoadedSettings> {
  const flags = checkFlags(request);
  const found = await findConfigFile(request.configFile, around);
  const problems = new ProblemList();
  const themeFolders = listThemeFolders(around, found?.path ?? null);
  if (flags.theme !== null) await checkTheme(flags.theme, themeFolders, problems);
  if (found === null && flags.endpoints === null) throw noConfiguration(around);
  const warnings = new Set<string>();
  const file = found === null ? {} : await decodeFile(found, problems);
  if (flags.theme === null && file.theme !== undefined) await checkTheme(file.theme, themeFolders, problems);
  problems.throwIfAny();
  const openFile = found?.readableByOthers ? found.path : null;
  const secretVariables = listSecretVariables(file);
  const secrets = createSecretReader({
    around,
    problems,
    warnings,
    openFile,
    secretVariables,
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
  });
  const context: BuildContext = { around, problems, secrets };
  const clusters = await buildClusters(request, flags.endpoints, file, found, context);
  problems.throwIfAny();
  const base = found === null ? around.cwd : dirname(found.path);
  return {
    configPath: found?.path ?? null,
    themeFolders,
    secretVariables,
    settings: {
      intervalMs: flags.intervalMs ?? file.interval?.value ?? INTERVAL_MS,
      theme: flags.theme ?? file.theme?.value ?? DEFAULT_THEME,
      mouse: request.mouse ?? file.mouse?.value ?? false,
      readOnly: request.readOnly || (file.read_only?.value ?? false),
      clusters,
      ssh: {
        configFile: expandPath(file.ssh?.value.config?.value ?? "~/.ssh/config", base, around.homeDir),
        knownHostsFile: expandPath(file.ssh?.value.known_hosts?.value ?? "~/.ssh/known_hosts", base, around.homeDir),
        ...(file.ssh?.value.transport === undefined ? {} : { transport: file.ssh.value.transport.value }),
      },
      warnings: [...flags.warnings, ...warnings],
    },
  };
}

/** The whole file as records; every problem goes to the list. */
async function decodeFile(found: ConfigFile, problems: ProblemList): Promise<Partial<FileRecord>> {
  const top = parseYaml(found.path, found.text, problems);
  const file = configFile(top);
  if (file !== undefined) checkFile(file, problems);
  return file ?? {};
}

async function buildClusters(
  request: SettingsRequest,
  endpoints: FlagEndpoints | null,
  file: Partial<FileRecord>,
  found: ConfigFile | null,
  context: BuildContext,
): Promise<readonly ClusterSettings[]> {
  const mysql = file.mysql?.value ?? {};
  if (endpoints !== null) return [await buildFlagsCluster(endpoints, request.cluster ?? "cluster", mysql, context)];
  const chosen = selectClusters(file.clusters?.value ?? [], request.cluster, found);
  return Promise.all(chosen.map((cluster) => buildCluster(cluster.value, mysql, context)));
}

/** The clusters to look at: secrets of the others are not even fetched. */
function selectClusters(
  clusters: readonly Located<ClusterRecord>[],
  wanted: string | null,
  found: ConfigFile | null,
): readonly Located<ClusterRecord>[] {
  if (clusters.length === 0) {
    const place = { file: found?.path ?? "", line: 1, column: 1 };
    throw new ConfigError([
      { ...place, message: 'the key "clusters" is missing', hint: "or name endpoints with --haproxy and --mysql" },
    ]);
  }
  if (wanted === null) return clusters;
  const chosen = clusters.filter((cluster) => cluster.value.name?.value === wanted);
  if (chosen.length > 0) return chosen;
  const names = clusters.flatMap((cluster) => cluster.value.name?.value ?? []);
  const near = findNearMatch(wanted, names);
  const meant = near === null ? "" : ` (did you mean ${near}?)`;
  throw new UsageError(`no cluster is called ${quoteValue(wanted)}${meant}; ${found?.path} has ${names.join(", ")}`);
}

function noConfiguration(around: Surroundings): ConfigError {
  const places = listSearchPlaces(around).join(", ");
  const hint =
    "write one, name one with --config, or name endpoints with --haproxy unix:///path and --mysql mysql://user@host:port";
  return new ConfigError([
    { file: "signalbox", line: null, column: null, message: `no configuration file at ${places}`, hint },
  ]);
}
