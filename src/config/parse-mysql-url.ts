import { type Address, parseAddress } from "./parse-address.ts";
import { TextError } from "./text-error.ts";

export interface MysqlUrl extends Address {
  readonly user: string | null;
}

const FORM = "write mysql://user@host:port";

/**
 * `mysql://user@host:port` of the command line; user and port may be left out. A password is refused: everyone on the machine can
 * read the arguments of a process. @throws TextError
 */
export function parseMysqlUrl(text: string): MysqlUrl {
  const match = /^(?:mysql|mariadb):\/\/(?:(.*)@)?([^@/]*)\/?$/is.exec(text.trim());
  if (match === null) throw new TextError("is not a MySQL URL", FORM);
  const [, userText, addressText = ""] = match;
  if (userText?.includes(":")) {
    throw new TextError(
      "has a password, which everyone on this machine could read",
      `${FORM} and set SIGNALBOX_MYSQL_PASSWORD`,
    );
  }
  const address = parseAddress(addressText, 3306);
  if (userText === undefined || userText === "") return { user: null, ...address };
  try {
    return { user: decodeURIComponent(userText), ...address };
  } catch {
    throw new TextError("has a % that starts no %XX in its user", "write a % itself as %25");
  }
}
