import type { Flavor } from "./engines.ts";

export interface LabAccount {
  readonly user: string;
  readonly password: string;
}

export interface LabAccounts {
  /** Everything with grant option; the lab's own hand. */
  readonly admin: LabAccount;
  /** What signalbox needs to look and to act. */
  readonly ops: LabAccount;
  /** Only looks: replica status, source status, process list. It cannot list replicas: that needs a privilege that changes things. */
  readonly viewer: LabAccount;
  /** The application: reads and writes `shop`, obeys read_only. */
  readonly app: LabAccount;
  readonly repl: LabAccount;
  /** For `option mysql-check`: no password, no privilege. */
  readonly haproxyCheck: LabAccount;
  /** May log in and nothing else. */
  readonly nopriv: LabAccount;
}

/** Passwords of servers that listen on 127.0.0.1 for the length of a test: no secrets. */
export const labAccounts: LabAccounts = {
  admin: { user: "labadmin", password: "lab-admin" },
  ops: { user: "ops", password: "lab-ops" },
  viewer: { user: "viewer", password: "lab-viewer" },
  app: { user: "app", password: "lab-app" },
  repl: { user: "repl", password: "lab-repl" },
  haproxyCheck: { user: "haproxy_check", password: "" },
  nopriv: { user: "nopriv", password: "lab-nopriv" },
};

interface Privileges {
  readonly ops: string;
  readonly viewer: string;
  /** Schema of server figures that the viewer may read, where reading it needs a grant. */
  readonly viewerSchema?: string;
}

const privileges: Record<Flavor, Privileges> = {
  mariadb: {
    ops:
      "SELECT, PROCESS, RELOAD, SUPER, EVENT, SET USER, REPLICATION SLAVE, BINLOG MONITOR, BINLOG ADMIN, REPLICA MONITOR, " +
      "REPLICATION SLAVE ADMIN, REPLICATION MASTER ADMIN, READ_ONLY ADMIN, CONNECTION ADMIN",
    viewer: "PROCESS, BINLOG MONITOR, REPLICA MONITOR",
  },
  mysql: {
    ops:
      "SELECT, PROCESS, RELOAD, EVENT, REPLICATION CLIENT, REPLICATION SLAVE, REPLICATION_SLAVE_ADMIN, SYSTEM_VARIABLES_ADMIN, " +
      "CONNECTION_ADMIN, FLUSH_TABLES, SET_ANY_DEFINER, PERSIST_RO_VARIABLES_ADMIN, XA_RECOVER_ADMIN",
    viewer: "PROCESS, REPLICATION CLIENT",
    viewerSchema: "performance_schema",
  },
  "mysql-5": {
    ops: "SELECT, PROCESS, RELOAD, SUPER, EVENT, REPLICATION CLIENT, REPLICATION SLAVE",
    viewer: "PROCESS, REPLICATION CLIENT",
    viewerSchema: "performance_schema",
  },
};

/** `sequence` tells writers' rows apart; `applier_break` is where {@link breakApplier} puts its conflicting rows. */
const schemaStatements = [
  "CREATE DATABASE shop",
  "CREATE TABLE shop.orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, writer INT, seq BIGINT, at TIMESTAMP(6)) ENGINE=InnoDB",
  "CREATE TABLE shop.applier_break (id BIGINT PRIMARY KEY) ENGINE=InnoDB",
];

/** Statements that give a fresh data directory its accounts and the `shop` schema; none of them reaches a binary log. */
export function buildAccountStatements(flavor: Flavor): string[] {
  const { ops, viewer, viewerSchema } = privileges[flavor];
  const create = ({ user, password }: LabAccount): string => `CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`;
  return [
    "SET SESSION sql_log_bin=0",
    ...(flavor === "mysql-5" ? ["DELETE FROM mysql.user WHERE user=''", "FLUSH PRIVILEGES"] : []),
    ...Object.values(labAccounts).map(create),
    "GRANT ALL PRIVILEGES ON *.* TO 'labadmin'@'%' WITH GRANT OPTION",
    `GRANT ${ops} ON *.* TO 'ops'@'%'`,
    `GRANT ${viewer} ON *.* TO 'viewer'@'%'`,
    ...(viewerSchema ? [`GRANT SELECT ON ${viewerSchema}.* TO 'viewer'@'%'`] : []),
    "GRANT REPLICATION SLAVE ON *.* TO 'repl'@'%'",
    "GRANT ALL PRIVILEGES ON shop.* TO 'app'@'%'",
    ...schemaStatements,
  ];
}
