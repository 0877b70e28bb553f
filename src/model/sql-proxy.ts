/** What an SQL proxy cannot do that HAProxy can, in words for people. */
import type { Change } from "./operation.ts";
import type { SqlProxyProduct } from "./settings.ts";

export const SQL_PROXY_NAMES: Readonly<Record<SqlProxyProduct, string>> = {
  proxysql: "ProxySQL",
  atlas: "Atlas",
  "mysql-proxy": "MySQL Proxy",
};

/** A sentence without full stop; null when the product can make such a change. */
export function describeUnsupported(product: SqlProxyProduct, change: Change): string | null {
  if (product === "mysql-proxy") return "the admin of MySQL Proxy can only be read";
  switch (change.kind) {
    case "server-state":
      return product === "atlas" && change.state === "maint" ? "Atlas has only one way out, which is drain" : null;
    case "server-weight":
      return product === "atlas" ? "Atlas cannot change a weight while it runs" : null;
    case "shutdown-sessions":
      return product === "atlas"
        ? "Atlas cannot cut the sessions of a server"
        : "ProxySQL cuts the sessions of a server with maint (OFFLINE_HARD) only";
    default:
      return "this is no change of a balancer";
  }
}

/** Why no promotion goes through it: nothing proves that writes stop and move there as a promotion needs it. */
export function describeNoPromotion(name: string): string {
  return `${name} is not a HAProxy: promote cannot route through it, and nothing proves where it sends writes.`;
}

export function adviseNoPromotion(name: string): string {
  return `Move ${name} by hand, with its own means, and leave it out of the configuration of this cluster until then.`;
}
