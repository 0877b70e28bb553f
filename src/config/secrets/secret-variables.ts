/** Variables that hold passwords: commands we run have no business with them. */
import type { AccountRecord, FileRecord } from "../schema.ts";

/** Names from every `password_env` of the file, chosen cluster or not, and our own. */
export function listSecretVariables(file: Partial<FileRecord>): readonly string[] {
  const clusters = (file.clusters?.value ?? []).map(({ value }) => value);
  const accounts: readonly (Partial<AccountRecord> | undefined)[] = [
    file.mysql?.value,
    ...clusters.flatMap(({ mysql, replication, nodes }) => [
      mysql?.value,
      replication?.value,
      ...(nodes?.value ?? []).map((node) => node.value.mysql?.value),
    ]),
  ];
  const named = accounts.flatMap((account) => account?.password_env?.value ?? []);
  return [...new Set(["SIGNALBOX_MYSQL_PASSWORD", ...named])];
}

export function omitVariables(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}
