/** With which account the old primary will follow: it never had a source, so it needs user and password. */
import type { Change } from "../../../model/operation.ts";
import type { DraftInput } from "../../commands/command.ts";
import { RefusedError } from "../../errors.ts";

export type SourceLogin = Extract<Change, { readonly kind: "change-source" }>["login"];

/**
 * The configured account, else the one that a node which follows somebody keeps readable.
 * @throws RefusedError where there is none: found before writes are stopped, not after
 */
export function selectLogin(
  { view, settings, preflight }: Pick<DraftInput, "view" | "settings" | "preflight">,
  node: string,
  keeper: { readonly node: string; readonly channel: string } | null,
): SourceLogin {
  if (settings.replication !== null) return { kind: "configured", ...(keeper === null ? {} : { like: keeper }) };
  const known = keeper === null ? null : (preflight?.nodes.get(keeper.node) ?? null);
  if (keeper !== null && known?.hasStoredReplicationPassword === true) return { kind: "from-node", ...keeper };
  const advice = "Put it into the configuration: `replication: { user: …, password: … }`.";
  const lack = `With which account ${node} shall replicate afterwards is not known`;
  if (keeper === null) throw new RefusedError(`${lack}.`, advice);
  const why =
    view.report(keeper.node)?.flavor === "mariadb"
      ? "MariaDB does not give passwords of replication back"
      : known === null
        ? `${keeper.node} could not be asked for its own`
        : `${keeper.node} does not show its own to our account`;
  throw new RefusedError(`${lack}: ${why}.`, advice);
}
