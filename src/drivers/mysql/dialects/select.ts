/** Which server is it, and which dialect fits. Decided from SQL answers only: the greeting of MariaDB may begin with `5.5.5-`. */
import type { Flavor } from "../../../model/mysql.ts";
import type { Dialect } from "./dialect.ts";
import { mariadb11, mariadb102, mariadb105 } from "./mariadb.ts";
import { mysql55, mysql56, mysql57, percona56 } from "./mysql-5.ts";
import { mysql9, mysql80, mysql84, mysql8022, mysql8026 } from "./mysql-8.ts";

/** `VERSION()` tells MariaDB; version_comment only tells Percona: packagers write all sorts of things into it. */
export function detectFlavor(version: string, versionComment: string | null): Flavor {
  if (/mariadb/i.test(version)) return "mariadb";
  return versionComment !== null && /percona/i.test(versionComment) ? "percona" : "mysql";
}

/** [major, minor, patch]; a part that is missing is 0. Compare only within one flavor: MariaDB 10 is not newer than MySQL 9. */
export function parseVersion(version: string): readonly [number, number, number] {
  const parts = /^(?:5\.5\.5-)?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version);
  return [Number(parts?.[1] ?? 0), Number(parts?.[2] ?? 0), Number(parts?.[3] ?? 0)];
}

type Since = readonly [since: readonly [number, number, number], dialect: Dialect];

const mysqlColumn: readonly Since[] = [
  [[9, 0, 0], mysql9],
  [[8, 2, 0], mysql84],
  [[8, 0, 26], mysql8026],
  [[8, 0, 22], mysql8022],
  [[8, 0, 0], mysql80],
  [[5, 7, 0], mysql57],
  [[5, 6, 0], mysql56],
  [[0, 0, 0], mysql55],
];

const columns: Record<Flavor, readonly Since[]> = {
  mysql: mysqlColumn,
  percona: mysqlColumn.map(([since, dialect]) => [since, dialect === mysql56 ? percona56 : dialect]),
  mariadb: [
    [[11, 0, 0], mariadb11],
    [[10, 5, 0], mariadb105],
    [[0, 0, 0], mariadb102],
  ],
};

/** The newest dialect that is not newer than the server. */
export function selectDialect(flavor: Flavor, version: string): Dialect {
  const [major, minor, patch] = parseVersion(version);
  const number = (parts: readonly [number, number, number]) => parts[0] * 1e6 + parts[1] * 1e3 + parts[2];
  const found = columns[flavor].find(([since]) => number(since) <= number([major, minor, patch]));
  return found?.[1] ?? (flavor === "mariadb" ? mariadb102 : mysql55);
}

/** Every dialect once, for tests that hold for all of them. */
export const allDialects: readonly Dialect[] = [
  ...new Set([...Object.values(columns)].flatMap((column) => column.map(([, dialect]) => dialect))),
];
