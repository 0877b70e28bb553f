/** Asks a node everything that could keep an action from working, on one connection that reads only. */
import type { NodePreflight } from "../../../model/preflight.ts";
import type { RequestBounds } from "../../contract.ts";
import { InspectingLink } from "../inspect/link.ts";
import { readPreflight } from "../inspect/preflight.ts";
import type { MysqlTarget } from "../target.ts";
import { readClockOffsetMs, readReadOnlyOrigin, type SettingOrigin } from "./examination.ts";

export interface NodeExamination {
  readonly preflight: NodePreflight;
  /** The node's clock less ours; null: not told. */
  readonly clockOffsetMs: number | null;
  readonly readOnlyOrigin: SettingOrigin | null;
  /** Account as the server matched it, quoted: `'ops'@'%'`. */
  readonly account: string;
}

/** @throws DriverError when the node cannot be asked */
export async function examineNode(
  target: MysqlTarget,
  bounds: RequestBounds,
  now: () => number = Date.now,
): Promise<NodeExamination> {
  const link = new InspectingLink(target);
  try {
    return await link.run(bounds, async (asking) => {
      const clockOffsetMs = await readClockOffsetMs(asking, now);
      const readOnlyOrigin = await readReadOnlyOrigin(asking);
      const { account } = asking.login.identity;
      return { preflight: await readPreflight(asking), clockOffsetMs, readOnlyOrigin, account };
    });
  } finally {
    link.close();
  }
}
