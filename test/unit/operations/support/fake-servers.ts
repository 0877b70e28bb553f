/** What changes do to the servers of a Scene, and what these say of themselves right after. */
import type { HaproxyServerAfter, MysqlSeen } from "../../../../src/drivers/contract.ts";
import type { Change } from "../../../../src/model/operation.ts";
import type { SourcePosition } from "../../../../src/model/source-position.ts";
import { selectAdminState, selectWeight } from "../../../../src/operations/admin-state.ts";
import type { SeenAfter } from "../../../../src/operations/ports.ts";
import { buildChannel, type Scene } from "../../../support/model-builders.ts";

/** State that no report has. */
export class Besides {
  readonly schedulers = new Map<string, boolean>();
  readonly persisted = new Map<string, boolean>();
  /** False: the flag is told only after changes of it. */
  tellsFlags = true;
}

type NodeChange = Extract<Change, { readonly node: string }>;

export function applyToServer(scene: Scene, change: Extract<Change, { readonly haproxy: string }>): void {
  const name = `${change.backend}/${change.server}`;
  switch (change.kind) {
    case "server-state":
      scene.state(change.haproxy, name, change.state === "ready" ? "up" : change.state);
      return;
    case "server-weight":
      scene.server(change.haproxy, name, { weight: change.weight, assignedWeight: change.weight });
      return;
    case "shutdown-sessions":
      scene.server(change.haproxy, name, { sessions: 0 });
  }
}

export function applyToNode(scene: Scene, besides: Besides, change: NodeChange): void {
  const { node } = change;
  switch (change.kind) {
    case "replication": {
      const word = change.action === "start" ? "yes" : "no";
      const io = change.thread === "sql" ? {} : ({ io: word } as const);
      const sql = change.thread === "io" ? {} : ({ sql: word } as const);
      scene.channel(node, { ...io, ...sql });
      return;
    }
    case "read-only":
      scene.node(node, {
        readOnly: change.on,
        superReadOnly: scene.report(node).superReadOnly === null ? null : change.on && change.superToo,
      });
      return;
    case "applier-checkpoint":
      scene.node(node, { applierCheckpointMs: change.milliseconds });
      return;
    case "event-scheduler":
      besides.schedulers.set(node, change.on);
      return;
    case "persist-read-only":
      besides.persisted.set(node, change.on);
      return;
    case "change-source": {
      const channel = buildChannel(`${change.host}:${change.port}`, { name: change.channel, io: "no", sql: "no" });
      const others = (scene.report(node).channels ?? []).filter(({ name }) => name !== change.channel);
      scene.node(node, { channels: [channel, ...others] });
      return;
    }
    case "reset-replication":
      scene.node(node, {
        channels: scene.report(node).channels?.filter(({ name }) => name !== change.channel) ?? null,
      });
      return;
    default:
      return;
  }
}

export function positionOf(scene: Scene, node: string): SourcePosition {
  const { position, gtid } = scene.report(node);
  return { gtid: gtid.executed, file: position?.file ?? null, pos: position?.pos ?? null };
}

export function seenOnNode(scene: Scene, besides: Besides, change: NodeChange): SeenAfter {
  const { readOnly, superReadOnly, channels, applierCheckpointMs = null } = scene.report(change.node);
  const flag =
    readOnly === null || !(besides.tellsFlags || change.kind === "read-only")
      ? {}
      : { readOnly: { on: readOnly, superToo: superReadOnly === true } };
  const scheduler = besides.schedulers.get(change.node);
  const persisted = besides.persisted.get(change.node);
  const mysql: MysqlSeen = {
    ...flag,
    ...(channels === null
      ? {}
      : { channels: channels.map((channel) => ({ ...channel, host: channel.sourceHost, port: channel.sourcePort })) }),
    ...(change.kind === "read-position" || change.kind === "confirm-position"
      ? { position: positionOf(scene, change.node) }
      : {}),
    ...(scheduler === undefined ? {} : { eventSchedulerOn: scheduler }),
    ...(applierCheckpointMs === null ? {} : { applierCheckpointMs }),
    ...(persisted === undefined ? {} : { persistedReadOnly: persisted }),
    ...(change.kind === "enable-event" ? { eventEnabled: true } : {}),
    ...(change.kind === "clear-sessions" ? { cleared: [] } : {}),
  };
  return { mysql };
}

export function seenOnHaproxy(scene: Scene, { haproxy, backend }: { haproxy: string; backend: string }): SeenAfter {
  const { servers } = scene.haproxyReport(haproxy);
  return {
    servers: servers
      .filter((server) => server.backend === backend)
      .map(
        (server): HaproxyServerAfter => ({
          backend,
          server: server.server,
          state: selectAdminState(server),
          adminReasons: server.adminReasons,
          weight: selectWeight(server),
          initialWeight: server.initialWeight,
        }),
      ),
  };
}
