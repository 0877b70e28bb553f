/** One operation with one fault at one of its changes, in this process, over real drivers; and the way out of whatever it left behind. */
import { renameSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { loadSettings, readSurroundings } from "../../../src/config/load-settings.ts";
import { openOperations } from "../../../src/engine/operations.ts";
import type { Change, CommandRequest, OperationProgress } from "../../../src/model/operation.ts";
import type { Settings } from "../../../src/model/settings.ts";
import type { Operations } from "../../../src/operations/operations.ts";
import type { ClusterPorts } from "../../../src/operations/ports.ts";
import type { Lab, LabNode } from "../../lab/index.ts";
import { buildRequest } from "../../support/requests.ts";

/** What happens at a change. Both get the change; `during` runs beside it, once it has been handed to the driver. */
export interface Fault {
  readonly name: string;
  readonly fits: (change: Change) => boolean;
  readonly before?: (scene: Scene, change: Change) => Promise<void>;
  readonly during?: (scene: Scene, change: Change) => Promise<void>;
}

export interface Scene {
  readonly lab: Lab;
  /** Esc, SIGTERM and a closed terminal all come as this. */
  readonly stop: AbortController;
  /** Undoes the fault; called when the run has ended, unless the fault has done so itself. */
  readonly later: (undo: () => void) => void;
}

const onNode = (change: Change): boolean => "node" in change;
const onHaproxy = (change: Change): boolean => "haproxy" in change;

/** Every connection of the program, on the node of the change, or on all nodes where it goes to a HAProxy. */
async function killConnections({ lab }: Scene, change: Change): Promise<void> {
  const nodes = "node" in change ? [lab.node(change.node)] : lab.nodes;
  await Promise.all(nodes.map((node) => killOn(node, lab.accounts.ops.user)));
}

async function killOn(node: LabNode, user: string): Promise<void> {
  await node.withAdmin(async (connection) => {
    const [rows] = await connection.query(`SELECT id FROM information_schema.processlist WHERE user='${user}'`);
    for (const { id, ID } of rows as readonly { id?: number; ID?: number }[]) {
      // Gone by itself meanwhile.
      await connection.query(`KILL ${id ?? ID}`).catch(() => undefined);
    }
  });
}

const FROZEN_MS = 1_000;
const AWAY_MS = 1_200;

async function freeze({ lab, later }: Scene, change: Change): Promise<void> {
  const target = "node" in change ? lab.node(change.node) : lab.haproxy("haproxy" in change ? change.haproxy : "lb1");
  await target.freeze();
  let frozen = true;
  const thaw = () => {
    if (frozen) target.thaw();
    frozen = false;
  };
  later(thaw);
  await delay(FROZEN_MS);
  thaw();
}

async function hideSocket({ lab, later }: Scene, change: Change): Promise<void> {
  if (!("haproxy" in change)) return;
  const { socketPath } = lab.haproxy(change.haproxy);
  renameSync(socketPath, `${socketPath}.away`);
  let away = true;
  const back = () => {
    if (away) renameSync(`${socketPath}.away`, socketPath);
    away = false;
  };
  later(back);
  setTimeout(back, AWAY_MS);
}

export const FAULTS: readonly Fault[] = [
  { name: "connections killed during", fits: () => true, during: killConnections },
  { name: "stopped during", fits: () => true, during: async ({ stop }) => stop.abort() },
  { name: "connections killed before", fits: () => true, before: killConnections },
  { name: "stopped before", fits: () => true, before: async ({ stop }) => stop.abort() },
  { name: "frozen during", fits: onNode, during: freeze },
  { name: "socket gone", fits: onHaproxy, before: hideSocket },
  { name: "HAProxy frozen during", fits: onHaproxy, during: freeze },
];

/** Time that writes may stand still, milliseconds. */
export const BUDGET_MS = 8_000;

export interface FaultRun {
  readonly progress: OperationProgress;
  /** Changes that were sent. */
  readonly sent: readonly Change[];
}

/** Plans and runs operations of one lab. */
export class FaultRunner {
  readonly #lab: Lab;
  readonly #settings: Settings;
  readonly #env: NodeJS.ProcessEnv;

  static async open(lab: Lab, stateDir: string): Promise<FaultRunner> {
    const env = { PATH: process.env.PATH, HOME: "/nonexistent", SIGNALBOX_STATE_DIR: stateDir };
    const { settings } = await loadSettings(
      {
        configFile: lab.configPath,
        cluster: null,
        haproxyUrls: [],
        mysqlUrls: [],
        readOnly: false,
        theme: null,
        interval: null,
      },
      readSurroundings(env, process.cwd()),
    );
    const clusters = settings.clusters.map((cluster) => ({
      ...cluster,
      promotion: { ...cluster.promotion, writeStopBudgetSeconds: BUDGET_MS / 1000 },
    }));
    return new FaultRunner(lab, { ...settings, clusters }, env);
  }

  private constructor(lab: Lab, settings: Settings, env: NodeJS.ProcessEnv) {
    this.#lab = lab;
    this.#settings = settings;
    this.#env = env;
  }

  async run(
    request: Partial<CommandRequest> & Pick<CommandRequest, "command">,
    /** Gets all changes so far, the one that is about to be sent last. */
    isHere: ((sent: readonly Change[]) => boolean) | null = null,
    fault: Fault | null = null,
  ): Promise<FaultRun> {
    const sent: Change[] = [];
    const stop = new AbortController();
    const undos: (() => void)[] = [];
    const scene: Scene = { lab: this.#lab, stop, later: (undo) => undos.push(undo) };
    const wrapPorts = (ports: ClusterPorts): ClusterPorts => ({
      ...ports,
      async send(change, ...rest) {
        sent.push(change);
        if (fault === null || isHere?.(sent) !== true || !fault.fits(change)) return ports.send(change, ...rest);
        await fault.before?.(scene, change);
        const answer = ports.send(change, ...rest);
        const beside = fault.during?.(scene, change);
        await Promise.allSettled([answer, beside]);
        await beside;
        return answer;
      },
    });
    const operations = openOperations(this.#settings, { env: this.#env, wrapPorts });
    if (operations === null) throw new Error("started read-only");
    try {
      const progress = await runOnce(operations, request, stop.signal);
      return { progress, sent };
    } finally {
      for (const undo of undos) undo();
      await operations.close();
    }
  }
}

async function runOnce(
  operations: Operations,
  request: Partial<CommandRequest> & Pick<CommandRequest, "command">,
  signal: AbortSignal,
): Promise<OperationProgress> {
  const plan = await operations.plan(buildRequest({ cluster: "lab", ...request }));
  return operations.run(plan, { signal });
}
