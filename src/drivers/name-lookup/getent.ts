/**
 * Asks the system for the addresses of a name, in a process of its own. Node asks in one of four threads that it also writes files with, and a name
 * server that is silent holds such a thread for ten seconds and longer, past every deadline: a few such names, and neither other names nor the journal
 * would have a turn, and the program could not even end. A process can be ended.
 */
import { spawn } from "node:child_process";
import { type LookupAddress, lookup } from "node:dns";
import { isIP } from "node:net";

/** The system's own limit for two silent name servers, each asked twice, is 20 s (resolv.conf(5)). */
const LIMIT_MS = 20_000;
/** Whoever took as long to say that there is no such name did not say it: the name server was silent. getent tells no difference. */
const SILENT_MS = 2_000;
const MOST_BYTES = 65_536;

/** As Node's own error, so that one table of words explains both. */
function buildLookupError(code: "ENOTFOUND" | "EAI_AGAIN", name: string): Error {
  return Object.assign(new Error(`getaddrinfo ${code} ${name}`), { code, syscall: "getaddrinfo", hostname: name });
}

/**
 * In the order in which they are to be tried, at least one.
 * @throws Error with the codes of node:dns: ENOTFOUND, EAI_AGAIN
 */
export function askSystem(name: string, program = "getent"): Promise<readonly LookupAddress[]> {
  // It would be an option of the program.
  if (name.startsWith("-")) return Promise.reject(buildLookupError("ENOTFOUND", name));
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    let text = "";
    const child = spawn(program, ["ahosts", name], {
      stdio: ["ignore", "pipe", "ignore"],
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    });
    child.stdout.setEncoding("latin1");
    child.stdout.on("data", (chunk: string) => {
      if (text.length < MOST_BYTES) text += chunk;
    });
    let isMissing = false;
    child.on("error", () => {
      isMissing = true;
    });
    child.on("close", () => {
      // Not on this system: Node's own way is better than none.
      if (isMissing) return askNode(name).then(resolve, reject);
      const addresses = parseGetent(text);
      const isSilent = performance.now() - startedMs > SILENT_MS;
      if (addresses.length > 0) resolve(addresses);
      else reject(buildLookupError(isSilent ? "EAI_AGAIN" : "ENOTFOUND", name));
    });
  });
}

/** Lines of `getent ahosts`: `10.0.0.1 STREAM name`, one per address and kind of socket. */
export function parseGetent(text: string): readonly LookupAddress[] {
  const addresses = text.split("\n").map((line) => line.split(/\s+/, 1)[0] ?? "");
  return [...new Set(addresses)].flatMap((address) => {
    const family = isIP(address);
    return family === 0 ? [] : [{ address, family }];
  });
}

function askNode(name: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(name, { all: true }, (error, addresses) => {
      if (error) reject(error);
      else resolve(addresses);
    });
  });
}
