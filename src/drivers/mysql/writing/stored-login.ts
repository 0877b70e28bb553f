/** What a channel logs in with, where the server keeps it readable (MySQL, `mysql.slave_master_info`). */
import type { ReplicationLogin } from "../../contract.ts";
import { isPrivilegeError, isUnknownForm } from "../failure.ts";
import type { Login } from "../login.ts";
import { parseFlag, type Row, textOf } from "../rows.ts";

/** Columns that hold text, and the option that repeats them. */
const TEXTS: readonly (readonly [column: string, option: string])[] = [
  ["Ssl_ca", "SSL_CA"],
  ["Ssl_capath", "SSL_CAPATH"],
  ["Ssl_cert", "SSL_CERT"],
  ["Ssl_cipher", "SSL_CIPHER"],
  ["Ssl_key", "SSL_KEY"],
  ["Ssl_crl", "SSL_CRL"],
  ["Ssl_crlpath", "SSL_CRLPATH"],
  ["Tls_version", "TLS_VERSION"],
  ["Public_key_path", "PUBLIC_KEY_PATH"],
];

/** Null where there is no such table, no row of the channel, or the account may not read it. @throws raw error */
export async function readStoredLogin(
  { connection, dialect }: Login,
  channel: string,
): Promise<ReplicationLogin | null> {
  const { storedLogins, option } = dialect.writing;
  if (storedLogins === null) return null;
  try {
    const rows = await connection.query(storedLogins);
    const row = rows.find((each) => (textOf(each, "Channel_name") ?? "") === channel);
    return row === undefined ? null : parseStoredLogin(row, option);
  } catch (error) {
    if (isPrivilegeError(error) || isUnknownForm(error)) return null;
    throw error;
  }
}

export function parseStoredLogin(row: Row, prefix: string): ReplicationLogin | null {
  const user = textOf(row, "User_name");
  if (user === null) return null;
  const tls: string[] = [];
  if (parseFlag(textOf(row, "Enabled_ssl")) === true) {
    tls.push(`${prefix}_SSL=1`);
    if (parseFlag(textOf(row, "Ssl_verify_server_cert")) === true) tls.push(`${prefix}_SSL_VERIFY_SERVER_CERT=1`);
    for (const [column, option] of TEXTS) {
      const value = textOf(row, column);
      // One with a backslash could not be repeated for certain; the server then says what is missing.
      if (value !== null && !value.includes("\\")) tls.push(`${prefix}_${option}='${value.replaceAll("'", "''")}'`);
    }
  }
  if (parseFlag(textOf(row, "Get_public_key")) === true) tls.push(`GET_${prefix}_PUBLIC_KEY=1`);
  return { user, password: row.get("User_password") ?? null, tls };
}
