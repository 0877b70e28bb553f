/** How to log in to a node: levels of `mysql:` maps folded into one, its password fetched, its files looked for. */
import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import type { MysqlAccess, Secret, TlsSettings } from "../model/settings.ts";
import type { ProblemList } from "./config-error.ts";
import type { Located } from "./decode/value.ts";
import type { Surroundings } from "./find-config-file.ts";
import { expandPath } from "./paths.ts";
import type { AccountRecord, MysqlRecord } from "./schema.ts";
import type { SecretReader } from "./secrets/reader.ts";
import { type SecretSource, selectSecretSource } from "./secrets/source.ts";

export interface BuildContext {
  readonly around: Surroundings;
  readonly problems: ProblemList;
  readonly secrets: SecretReader;
}

const CONNECT_TIMEOUT_MS = 3000;

/** The most specific value of a key: levels go from the outermost to the innermost. */
function selectInnermost<K extends keyof MysqlRecord>(
  levels: readonly Partial<MysqlRecord>[],
  key: K,
): MysqlRecord[K] | undefined {
  return levels.findLast((level) => level[key] !== undefined)?.[key];
}

/** Access from `mysql:` maps, outermost first. Without a user: $SIGNALBOX_MYSQL_USER, else the login name, as mysql itself does. */
export async function buildAccess(
  levels: readonly Partial<MysqlRecord>[],
  context: BuildContext,
): Promise<MysqlAccess> {
  const { around } = context;
  const source = selectInnermostSecret(levels, context.problems);
  const written = selectInnermost(levels, "user")?.value;
  const fallback = around.env.SIGNALBOX_MYSQL_USER || around.userName;
  const credentials = source === null ? null : await context.secrets.read(source, written ?? fallback);
  const user = written ?? credentials?.user ?? fallback;
  const password = source === null ? around.env.SIGNALBOX_MYSQL_PASSWORD || null : (credentials?.password ?? null);
  return {
    user,
    password: toSecret(password),
    tls: buildTls(levels, context),
    connectTimeoutMs: selectInnermost(levels, "connect_timeout")?.value ?? CONNECT_TIMEOUT_MS,
  };
}

/** The account replicas are given; null password when the map names none. */
export async function buildAccount(
  account: AccountRecord,
  context: BuildContext,
): Promise<{ readonly user: string; readonly password: Secret | null }> {
  const source = selectSecretSource(account, context.problems);
  const credentials = source === null ? null : await context.secrets.read(source, account.user?.value ?? null);
  return { user: account.user?.value ?? credentials?.user ?? "", password: toSecret(credentials?.password ?? null) };
}

function toSecret(password: string | null): Secret | null {
  return password === null ? null : { secret: password };
}

/** A level that says where its password comes from replaces what the levels outside it say. */
function selectInnermostSecret(levels: readonly Partial<MysqlRecord>[], problems: ProblemList): SecretSource | null {
  for (const level of levels.toReversed()) {
    const source = selectSecretSource(level, problems);
    if (source !== null) return source;
  }
  return null;
}

function buildTls(levels: readonly Partial<MysqlRecord>[], context: BuildContext): TlsSettings {
  const cert = selectInnermost(levels, "cert");
  const key = selectInnermost(levels, "key");
  const lonely = cert === undefined ? key : key === undefined ? cert : undefined;
  if (lonely !== undefined) {
    context.problems.add(lonely.place, `${lonely.path} stands alone`, "a client certificate needs both cert: and key:");
  }
  return {
    mode: selectInnermost(levels, "tls")?.value ?? "preferred",
    caFile: buildFile(selectInnermost(levels, "ca"), context),
    certFile: buildFile(cert, context),
    keyFile: buildKeyFile(key, context),
    serverName: selectInnermost(levels, "server_name")?.value ?? null,
  };
}

function buildKeyFile(written: Located<string> | undefined, context: BuildContext): string | null {
  const path = buildFile(written, context);
  const status = path === null ? undefined : statSync(path, { throwIfNoEntry: false });
  if (path !== null && status !== undefined) context.secrets.notePrivateKey(path, status.mode);
  return path;
}

function buildFile(written: Located<string> | undefined, { around, problems }: BuildContext): string | null {
  if (written === undefined) return null;
  const path = expandPath(written.value, dirname(written.place.file), around.homeDir);
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    problems.add(
      written.place,
      `${written.path} names ${path}, which ${missing ? "does not exist" : "this user may not read"}`,
    );
  }
  return path;
}
