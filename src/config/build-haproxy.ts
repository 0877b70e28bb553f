/** One entry of `haproxy:`: a stats socket, a stats page, or the SQL admin interface of another proxy. */
import type { HaproxyLocation, HaproxySettings } from "../model/settings.ts";
import type { BuildContext } from "./build-access.ts";
import type { HaproxyRecord } from "./schema.ts";
import { selectSecretSource } from "./secrets/source.ts";

/** Empty when the entry is not whole, which the decoders have reported. */
export async function buildHaproxy(haproxy: HaproxyRecord, context: BuildContext): Promise<readonly HaproxySettings[]> {
  const { name, socket, stats, sql_admin } = haproxy;
  const location =
    sql_admin === undefined ? buildSocketOrPage(haproxy, context) : await buildSqlAdmin(haproxy, context);
  const isNamed = name !== undefined && (socket ?? stats ?? sql_admin) !== undefined;
  return isNamed && location !== null ? [{ name: name.value, location }] : [];
}

function buildSocketOrPage({ socket, stats }: HaproxyRecord, { secrets }: BuildContext): HaproxyLocation | null {
  const location = socket ?? stats;
  if (location?.value.kind === "stats" && location.value.password) secrets.noteInline(location.place.file);
  return location?.value ?? null;
}

async function buildSqlAdmin(haproxy: HaproxyRecord, context: BuildContext): Promise<HaproxyLocation | null> {
  const { sql_admin, ssh } = haproxy;
  if (sql_admin === undefined) return null;
  const source = selectSecretSource(haproxy, context.problems);
  const credentials = source === null ? null : await context.secrets.read(source, sql_admin.value.user);
  const password = credentials?.password ?? null;
  return {
    kind: "sql-admin",
    ...sql_admin.value,
    password: password === null ? null : { secret: password },
    ssh: ssh?.value ?? null,
  };
}
