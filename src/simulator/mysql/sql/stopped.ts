/** What cannot be done while a channel runs. */
import type { Channel, Node, ProductName } from "../../world/state.ts";
import { type SqlError, sqlErrors } from "../errors.ts";

const refusals: Readonly<Record<ProductName, (channel: string) => SqlError>> = {
  mariadb: sqlErrors.mustStop,
  mysql: sqlErrors.mustStopReplica,
};

/** @throws SqlError 1198, MySQL 3081 */
export function assertStopped({ product }: Node, channel: Channel): void {
  if (channel.receiver.state !== "no" || channel.applier.running) throw refusals[product](channel.name);
}
