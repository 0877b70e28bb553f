/**
 * The file that mysql_config_editor writes, `.mylogin.cnf`: an option file whose lines are encrypted with a key that stands beside them.
 * That hides them from a look over the shoulder and from nobody else, which is why mysql, and we, want it readable by its owner only.
 * Facts: mysys/my_default.cc and mysys/my_aes_openssl.cc of MySQL 8.
 */
import { createDecipheriv } from "node:crypto";
import { TextError } from "../text-error.ts";
import { parseOptionFile } from "./option-file.ts";
import { readSecretFile } from "./secret-file.ts";

const unusedBytes = 4;
const keyBytes = 20;
const aesKeyBytes = 16;

/** The option file inside. Each encrypted line stands behind its length, 4 bytes, little endian. @throws Error when it is no such file */
export function decryptLoginFile(bytes: Buffer): string {
  let at = unusedBytes + keyBytes;
  if (bytes.length < at) throw new Error("too short");
  const key = foldKey(bytes.subarray(unusedBytes, at));
  const lines: string[] = [];
  while (at < bytes.length) {
    const length = bytes.readInt32LE(at);
    const end = at + 4 + length;
    if (length <= 0 || end > bytes.length) throw new Error("cut off");
    const decipher = createDecipheriv("aes-128-ecb", key, null);
    lines.push(Buffer.concat([decipher.update(bytes.subarray(at + 4, end)), decipher.final()]).toString("utf8"));
    at = end;
  }
  return lines.join("");
}

function foldKey(written: Buffer): Buffer {
  const key = Buffer.alloc(aesKeyBytes);
  for (const [index, byte] of written.entries()) {
    const at = index % aesKeyBytes;
    key.writeUInt8(key.readUInt8(at) ^ byte, at);
  }
  return key;
}

/** @throws TextError, which never repeats the name: somebody may have written a password in its place */
export async function readLoginPath(
  name: string,
  file: string,
): Promise<{ readonly user: string | null; readonly password: string | null }> {
  const { bytes, mode } = await readSecretFile(file);
  if ((mode & 0o077) !== 0) {
    const octal = mode.toString(8).padStart(4, "0");
    throw new TextError(
      `needs ${file}, which others may use too (mode ${octal}), so that mysql and signalbox do not read it`,
      `chmod 600 ${file}`,
    );
  }
  const options = decryptOptions(bytes, file).filter((line) => line.kind === "option");
  const lastOf = (option: string) => options.findLast((line) => line.group === name && line.name === option)?.value;
  const groups = [...new Set(options.map(({ group }) => group))];
  if (!groups.includes(name)) {
    throw new TextError(
      `names a login path that ${file} does not have`,
      groups.length === 0 ? "it has none" : `it has ${groups.join(", ")}`,
    );
  }
  const password = lastOf("password") || null;
  if (password === null) {
    const make = `mysql_config_editor set --login-path=${name} --user=… --password`;
    throw new TextError(`names a login path without a password in ${file}`, make);
  }
  return { user: lastOf("user") || null, password };
}

function decryptOptions(bytes: Buffer, file: string) {
  try {
    return parseOptionFile(decryptLoginFile(bytes));
  } catch {
    throw new TextError(
      `needs ${file}, which is no file of mysql_config_editor`,
      "make it anew with mysql_config_editor",
    );
  }
}
