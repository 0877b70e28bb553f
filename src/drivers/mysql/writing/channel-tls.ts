/** How a channel is encrypted, by its status: what an account that demands TLS needs of every other channel too. */
import { isPrivilegeError, isUnknownForm } from "../failure.ts";
import type { Login } from "../login.ts";
import { type Row, textOf } from "../rows.ts";

/** Ends of column names, old and new words alike, and the option that repeats each. */
const TEXTS: readonly (readonly [column: string, option: string])[] = [
  ["SSL_CA_File", "SSL_CA"],
  ["SSL_CA_Path", "SSL_CAPATH"],
  ["SSL_Cert", "SSL_CERT"],
  ["SSL_Cipher", "SSL_CIPHER"],
  ["SSL_Key", "SSL_KEY"],
  ["SSL_Crl", "SSL_CRL"],
  ["SSL_Crlpath", "SSL_CRLPATH"],
  ["TLS_Version", "TLS_VERSION"],
];

/** Options as they are to be repeated; [] where the channel is not encrypted, is not there, or may not be seen. @throws raw error */
export async function readChannelTls({ connection, dialect }: Login, channel: string): Promise<readonly string[]> {
  for (const { sql, columns } of dialect.replicaStatus) {
    try {
      const rows = await connection.query(sql);
      const name = ({ row }: { readonly row: Row }) =>
        columns.channel === null ? "" : (textOf(row, columns.channel) ?? "");
      const found = rows.find((row) => name({ row }) === channel);
      return found === undefined ? [] : parseChannelTls(found, dialect.writing.option);
    } catch (error) {
      if (isPrivilegeError(error)) return [];
      if (!isUnknownForm(error)) throw error;
    }
  }
  return [];
}

export function parseChannelTls(row: Row, prefix: string): readonly string[] {
  const value = (column: string) => textOf(row, `Source_${column}`) ?? textOf(row, `Master_${column}`);
  if (value("SSL_Allowed") !== "Yes") return [];
  const verifies = value("SSL_Verify_Server_Cert");
  return [
    `${prefix}_SSL=1`,
    // Said either way: what is the default depends on the server.
    ...(verifies === null ? [] : [`${prefix}_SSL_VERIFY_SERVER_CERT=${verifies === "Yes" ? 1 : 0}`]),
    ...TEXTS.flatMap(([column, option]) => {
      const text = value(column);
      // One with a backslash could not be repeated for certain; the server then says what is missing.
      return text === null || text.includes("\\") ? [] : [`${prefix}_${option}='${text.replaceAll("'", "''")}'`];
    }),
  ];
}
