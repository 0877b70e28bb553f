/** HAProxy sockets of this machine, where none was named. */
import { stat } from "node:fs/promises";
import { readHaproxyConfig } from "../../drivers/haproxy-config/read.ts";

/** The file and the sockets of the packages of Debian, Red Hat and the project itself. */
const CONFIG_FILE = "/etc/haproxy/haproxy.cfg";
const USUAL_SOCKETS = ["/run/haproxy/admin.sock", "/var/lib/haproxy/stats", "/var/run/haproxy.sock"];

/**
 * URLs for --haproxy: of each file the socket that may do most, else sockets that are usually there. Never rejects.
 * @param files haproxy.cfg files, absolute; [] looks at the usual one
 */
export async function findSockets(files: readonly string[]): Promise<readonly string[]> {
  const named = await Promise.all((files.length === 0 ? [CONFIG_FILE] : files).map(selectSocket));
  const found = named.flat();
  if (found.length > 0 || files.length > 0) return found;
  const usual = await Promise.all(
    USUAL_SOCKETS.map(async (path) => ((await isSocket(path)) ? [`unix://${path}`] : [])),
  );
  return usual.flat().slice(0, 1);
}

async function selectSocket(file: string): Promise<readonly string[]> {
  const sockets = (await readHaproxyConfig([file])).found?.config.sockets ?? [];
  for (const level of ["admin", "operator", "user"] as const) {
    for (const { address, level: given } of sockets) {
      const path = address.replace(/^unix@/, "");
      if (given === level && path.startsWith("/") && (await isSocket(path))) return [`unix://${path}`];
    }
  }
  return [];
}

async function isSocket(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isSocket();
  } catch {
    return false;
  }
}
