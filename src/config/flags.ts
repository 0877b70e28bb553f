/** Options of the command line that speak of the configuration, and the cluster `--haproxy` and `--mysql` make without a file. */

import { printable } from "../model/printable.ts";
import type {
  ClusterSettings,
  HaproxyLocation,
  HaproxySettings,
  MysqlAccess,
  NodeSettings,
  Secret,
} from "../model/settings.ts";
import { type BuildContext, buildAccess } from "./build-access.ts";
import { LAG_SECONDS, PROMOTION_SECONDS } from "./build-cluster.ts";
import { UsageError } from "./config-error.ts";
import { parseName, quoteValue } from "./decode/scalar.ts";
import { parseDuration } from "./parse-duration.ts";
import { parseHaproxyUrl } from "./parse-haproxy-url.ts";
import { type MysqlUrl, parseMysqlUrl } from "./parse-mysql-url.ts";
import { INTERVAL_BOUNDS, type MysqlRecord, SECRET_KEYS } from "./schema.ts";
import { TextError } from "./text-error.ts";

export interface FlagTexts {
  readonly cluster: string | null;
  readonly haproxyUrls: readonly string[];
  readonly mysqlUrls: readonly string[];
  readonly theme: string | null;
  readonly interval: string | null;
}

export interface FlagEndpoints {
  readonly haproxies: readonly HaproxyLocation[];
  readonly nodes: readonly MysqlUrl[];
}

export interface CheckedFlags {
  /** Null when no endpoint was named. */
  readonly endpoints: FlagEndpoints | null;
  readonly theme: string | null;
  readonly intervalMs: number | null;
  readonly warnings: readonly string[];
}

/** Reads the texts of the options. @throws UsageError */
export function checkFlags(flags: FlagTexts): CheckedFlags {
  const haproxies = flags.haproxyUrls.map((url) => parseFlag("--haproxy", url, parseHaproxyUrl, { echo: false }));
  const nodes = flags.mysqlUrls.map((url) => parseFlag("--mysql", url, parseMysqlUrl, { echo: false }));
  const interval = flags.interval;
  if (flags.cluster !== null) parseFlag("--cluster", flags.cluster, parseName);
  return {
    endpoints: haproxies.length + nodes.length === 0 ? null : { haproxies, nodes },
    theme: flags.theme,
    intervalMs:
      interval === null ? null : parseFlag("--interval", interval, (text) => parseDuration(text, INTERVAL_BOUNDS)),
    warnings: haproxies.some((location) => location.kind === "stats" && location.password !== null)
      ? [
          "the password in --haproxy is visible to everyone on this machine while signalbox runs; a configuration file is not",
        ]
      : [],
  };
}

function parseFlag<T>(option: string, text: string, parse: (text: string) => T, options = { echo: true }): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    const shown = options.echo ? ` ${quoteValue(text)}` : "";
    throw new UsageError(`${option}${shown} ${error.message}${error.hint === null ? "" : `; ${error.hint}`}`);
  }
}

/** The one cluster the options name, with the defaults of a file that may be there. HAProxies are lb1, lb2, …; nodes are named by host. */
export async function buildFlagsCluster(
  { haproxies, nodes }: FlagEndpoints,
  name: string,
  fileMysql: Partial<MysqlRecord>,
  context: BuildContext,
): Promise<ClusterSettings> {
  const base = await buildAccess([fileMysql], context);
  const passwords = await askPasswords(nodes, fileMysql, context);
  const accessOf = (user: string): MysqlAccess => ({ ...base, user, password: passwords.get(user) ?? base.password });
  const user = nodes.find((node) => node.user !== null)?.user ?? base.user;
  const access = accessOf(user);
  return {
    name,
    haproxies: haproxies.map((location, index): HaproxySettings => ({ name: `lb${index + 1}`, location })),
    nodes: nodes.map((node) => buildFlagNode(node, nodes, accessOf(node.user ?? user))),
    access,
    writer: null,
    readers: null,
    replication: null,
    heartbeatTable: null,
    heartbeatClock: "local",
    floatingIp: null,
    lag: LAG_SECONDS,
    promotion: PROMOTION_SECONDS,
    alertHook: null,
  };
}

/** Where nothing says what the password is, people on a terminal are asked, once per user of a URL. Enter alone stands for none. */
async function askPasswords(
  nodes: readonly MysqlUrl[],
  fileMysql: Partial<MysqlRecord>,
  { around }: BuildContext,
): Promise<ReadonlyMap<string, Secret>> {
  const passwords = new Map<string, Secret>();
  const isKnown = SECRET_KEYS.some((key) => fileMysql[key] !== undefined) || around.env.SIGNALBOX_MYSQL_PASSWORD;
  if (isKnown || !around.askSecret) return passwords;
  for (const user of new Set(nodes.flatMap((node) => node.user ?? []))) {
    const password = await around.askSecret(`Password of ${printable(user)} (--mysql; Enter for none): `);
    if (password) passwords.set(user, { secret: password });
  }
  return passwords;
}

function buildFlagNode(node: MysqlUrl, all: readonly MysqlUrl[], access: MysqlAccess): NodeSettings {
  const hostIsUnique = all.filter((other) => other.host === node.host).length === 1;
  return {
    name: hostIsUnique ? node.host : `${node.host}:${node.port}`,
    host: node.host,
    port: node.port,
    access,
    servers: [],
    ssh: null,
    priority: "neutral",
  };
}
