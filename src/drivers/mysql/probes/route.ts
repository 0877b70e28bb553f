/** Who answers where clients connect for writes. */
import type { RequestBounds, RouteAnswer } from "../../contract.ts";
import { parseFlag, parseNumber, type Row, textOf } from "../rows.ts";
import type { MysqlTarget } from "../target.ts";
import { askOnce } from "./ask-once.ts";

/** One statement for every server: SHOW does not mind a variable that is not there (server_uuid on MariaDB). */
const statement =
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_id', 'hostname', 'port', 'server_uuid', 'read_only')";

/** @throws DriverError */
export function readRoute(frontend: MysqlTarget, bounds: RequestBounds): Promise<RouteAnswer> {
  return askOnce(frontend, bounds, async (connection, progress) => {
    progress.operation = "route";
    return parseRoute(await connection.query(statement));
  });
}

export function parseRoute(rows: readonly Row[]): RouteAnswer {
  const values = new Map(rows.map((row) => [textOf(row, "Variable_name")?.toLowerCase() ?? "", textOf(row, "Value")]));
  const value = (name: string) => values.get(name) ?? null;
  return {
    serverId: parseNumber(value("server_id")),
    hostname: value("hostname"),
    port: parseNumber(value("port")),
    serverUuid: value("server_uuid"),
    readOnly: parseFlag(value("read_only")),
  };
}
