/** Where the SQL admin interface of a proxy is: `proxysql://`, `atlas://`, `mysql-proxy://`. */
import type { SqlProxyProduct } from "../model/settings.ts";
import { type Address, parseAddress } from "./parse-address.ts";
import { TextError } from "./text-error.ts";

export interface SqlAdminUrl extends Address {
  readonly product: SqlProxyProduct;
  readonly user: string;
}

const FORMS = "write proxysql://user@host:6032, atlas://user@host:2345 or mysql-proxy://user@host:4041";

/** Ports of the products' own examples. */
const DEFAULT_PORTS: Readonly<Record<SqlProxyProduct, number>> = { proxysql: 6032, atlas: 2345, "mysql-proxy": 4041 };

function isProduct(scheme: string): scheme is SqlProxyProduct {
  return Object.hasOwn(DEFAULT_PORTS, scheme);
}

/** @throws TextError, also for a URL with a password: passwords have keys of their own */
export function parseSqlAdminUrl(text: string): SqlAdminUrl {
  const match = /^([a-z-]+):\/\/(?:(.*)@)?([^@/]*)\/?$/is.exec(text.trim());
  if (match === null) throw new TextError("is not the URL of an SQL admin interface", FORMS);
  const [, scheme = "", userText = "", addressText = ""] = match;
  const product = scheme.toLowerCase();
  if (!isProduct(product)) throw new TextError(`has the unknown scheme "${product}"`, FORMS);
  if (userText === "") throw new TextError("names no user", FORMS);
  if (userText.includes(":"))
    throw new TextError("has a password", "use password_env: or another password key beside it");
  const address = parseAddress(addressText, DEFAULT_PORTS[product]);
  try {
    return { product, user: decodeURIComponent(userText), ...address };
  } catch {
    throw new TextError("has a % that starts no %XX in its user", "write a % itself as %25");
  }
}
