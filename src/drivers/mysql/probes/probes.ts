/** Connections that are opened, asked one thing and closed again: the writer's route, the replication account, a primary that may be dead. */
import type { DeathProof } from "../../../model/preflight.ts";
import type { ClusterSettings, TlsSettings } from "../../../model/settings.ts";
import type { MysqlProbes } from "../../contract.ts";
import { DriverError, describeFailure } from "../../errors.ts";
import type { MysqlTarget } from "../target.ts";
import { refuseUnknownNode } from "./ask-once.ts";
import { proveDeath } from "./death.ts";
import { tryLogin } from "./login-trial.ts";
import { readRoute } from "./route.ts";

interface MysqlProbesOptions {
  readonly cluster: Pick<ClusterSettings, "writer" | "access">;
  /** How to reach a node; null when there is no such node. Asked anew for every probe. */
  readonly nodeTarget: (name: string) => MysqlTarget | null;
  /** Where clients connect, and what that is called; left out: the writer's address. */
  readonly frontend?: { readonly name: string; readonly host: string; readonly port: number };
}

/** Nothing is kept between calls; they may overlap. */
export function createMysqlProbes({ cluster, nodeTarget, frontend }: MysqlProbesOptions): MysqlProbes {
  return {
    route: async (bounds) => readRoute(buildFrontend(cluster, frontend), bounds),
    login: async (node, login, bounds) => {
      const target = nodeTarget(node);
      if (target !== null) return tryLogin(target, login, bounds);
      const failure = describeFailure(refuseUnknownNode(node, "login"), node, "login");
      return { node, user: login?.user ?? null, ok: false, failure, mayReplicate: null };
    },
    death: async (node, signal) => {
      const target = nodeTarget(node);
      return target === null ? unknownNode(node) : proveDeath(target, signal);
    },
  };
}

/** @throws DriverError when no address is configured */
function buildFrontend(
  { writer, access }: MysqlProbesOptions["cluster"],
  frontend: MysqlProbesOptions["frontend"],
): MysqlTarget {
  const address = frontend ?? writer?.address ?? null;
  if (address === null) {
    throw new DriverError({
      kind: "unsupported",
      target: "writer",
      operation: "route",
      message: "writer: route: no address is configured where clients connect",
      advice: "Set writer.address in the configuration of the cluster.",
    });
  }
  return { name: "writer", ...address, access: { ...access, tls: withoutName(access.tls) }, heartbeatTable: null };
}

/** The certificate that comes through the frontend is that of whichever node answers: its name cannot be known before. */
function withoutName(tls: TlsSettings): TlsSettings {
  return tls.mode === "verify-identity" ? { ...tls, mode: "verify-ca" } : tls;
}

function unknownNode(node: string): DeathProof {
  const failure = describeFailure(refuseUnknownNode(node, "connect"), node, "connect");
  return {
    node,
    attempts: [{ at: Date.now(), failure }],
    verdict: "unknown",
    message: `Whether ${node} is dead could not be found out: no such node is known.`,
  };
}
