/** The schema of the simulated clients: one table and one event. */
import type { BinlogEvent, ProductName, ScheduledEvent } from "../../world/state.ts";
import { columnsOf, type TableSource } from "./table.ts";

const orderColumns = columnsOf("id:bigint seq:bigint");

/** Rows whose transactions are still in the binary log. */
export const orders: TableSource = ({ node }) => ({
  columns: orderColumns,
  rows: node.binlog.events.flatMap(({ transaction: { row } }: BinlogEvent) =>
    row === null ? [] : [[row.id, row.write]],
  ),
});

const eventColumns = columnsOf(
  "EVENT_CATALOG EVENT_SCHEMA EVENT_NAME DEFINER TIME_ZONE EVENT_TYPE STATUS CHARACTER_SET_CLIENT COLLATION_CONNECTION",
);

const statusWords: Readonly<Record<ProductName, Readonly<Record<ScheduledEvent["status"], string>>>> = {
  mariadb: { ENABLED: "ENABLED", DISABLED: "DISABLED", SLAVESIDE_DISABLED: "SLAVESIDE_DISABLED" },
  mysql: { ENABLED: "ENABLED", DISABLED: "DISABLED", SLAVESIDE_DISABLED: "REPLICA_SIDE_DISABLED" },
};

export const events: TableSource = ({ node }) => ({
  columns: eventColumns,
  rows: node.events.map(({ schema, name, definer, status }) => [
    "def",
    schema,
    name,
    definer,
    "SYSTEM",
    "RECURRING",
    statusWords[node.product][status],
    "utf8mb4",
    "utf8mb4_general_ci",
  ]),
});
