/** A program on another host through the system's ssh: one ssh for each, which joins the session that is there. */
import { execFile } from "node:child_process";
import type { RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import type { CommandResult } from "../host/run-command.ts";
import { formatSshEndpoint, type SshEndpoint } from "./endpoint.ts";
import { buildRunArguments } from "./openssh-config.ts";
import { describeOpensshEnd } from "./openssh-problem.ts";
import { withoutChatter, withoutSsh } from "./openssh-words.ts";
import { buildRemoteCommand } from "./run-command.ts";
import { buildSshError } from "./ssh-error.ts";

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** Exit code of ssh for whatever is wrong with ssh itself. */
const SSH_FAILED = 255;

/** @throws DriverError */
export function runThroughOpenssh(
  endpoint: SshEndpoint,
  argv: readonly string[],
  way: { readonly configFile: string; readonly controlPath: string | null },
  target: string,
  { signal, timeoutMs }: RequestBounds,
): Promise<CommandResult> {
  const where = formatSshEndpoint(endpoint);
  const args = buildRunArguments(endpoint, way, buildRemoteCommand(argv));
  const refuse = (kind: "timeout" | "cancelled", why: string) =>
    new DriverError({ kind, target, operation: argv[0] ?? "", message: `SSH to ${where}: ${why}` });
  return new Promise((resolve, reject) => {
    execFile("ssh", [...args], { maxBuffer: MAX_OUTPUT_BYTES, timeout: timeoutMs, signal }, (error, stdout, stderr) => {
      if (error === null) return resolve({ exitCode: 0, stdout, stderr: withoutSsh(stderr) });
      if (signal.aborted) return reject(refuse("cancelled", "cancelled"));
      if (error.killed === true) return reject(refuse("timeout", `no answer within ${timeoutMs} ms`));
      if (typeof error.code === "number" && error.code !== SSH_FAILED)
        return resolve({ exitCode: error.code, stdout, stderr: withoutSsh(stderr) });
      const words = withoutChatter(stderr) || error.message;
      reject(buildSshError(describeOpensshEnd(words, argv[0] ?? "", { where, hasEnded: true }), where, target));
    });
  });
}
