/** What a test of the writer needs of a pair of servers, and how the lab has it. */
import type { Connection } from "mysql2/promise";
import type { Flavor } from "../../lab/engines.ts";
import { type LabAccount, labAccounts, type ServerEngineName, startLab } from "../../lab/index.ts";

export type Product = Flavor;
export type PlaceAccount = LabAccount;

type Row = Record<string, unknown>;

export interface PlaceNode {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Rows of a statement, as administrator, on a session of its own. */
  query(sql: string): Promise<Row[]>;
  /** Several statements on one session of the administrator. */
  withAdmin<T>(work: (session: Connection) => Promise<T>): Promise<T>;
  /** Under the server's own column names; undefined for a server that follows nobody. */
  replicaStatus(): Promise<Row | undefined>;
  startApplier(): Promise<void>;
  stopApplier(): Promise<void>;
  /** The applier stops with 1062. */
  breakApplier(): Promise<void>;
  repairApplier(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): void;
  kill(): Promise<void>;
}

/** Two that follow each other; `replica` is the one that stands by. */
export interface WriterPlace {
  readonly source: PlaceNode;
  readonly replica: PlaceNode;
  readonly accounts: Readonly<Record<"admin" | "ops" | "viewer" | "app" | "repl" | "nopriv", PlaceAccount>>;
  /** A disabled event in `shop`, on both; resolves to the character set of its body. */
  addEvent(name: string): Promise<string>;
  dropEvent(name: string): Promise<void>;
  /** Runs `work`, which waits for a limit of the server, as fast as the server's clock can go: that of a simulated one is ours. */
  hasten<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

const quoted = (name: string): string => `\`${name.replaceAll("`", "``")}\``;

export async function startLabPair(engine: ServerEngineName): Promise<WriterPlace> {
  const lab = await startLab({ topology: "r3", engine });
  const source = lab.node("db1");
  return {
    source,
    replica: lab.node("db2"),
    accounts: labAccounts,
    addEvent: (name) =>
      source.withAdmin(async (session) => {
        await session.query("SET NAMES latin1");
        await session.query(
          `CREATE DEFINER='app'@'%' EVENT shop.${quoted(name)} ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1`,
        );
        return "latin1";
      }),
    dropEvent: async (name) => void (await source.query(`DROP EVENT shop.${quoted(name)}`)),
    hasten: (work) => work(),
    stop: () => lab.stop(),
  };
}
