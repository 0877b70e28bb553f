/** The only thing that changes a host: it runs the program that moves the floating address. Readers of hosts have no method that could. */
import type { AddressChange } from "../../model/operation.ts";
import type { HostWriter } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { buildMoveArgv, formatArgv } from "./move-argv.ts";
import type { CommandResult, RunCommand } from "./run-command.ts";

/** @param name of the host, for errors */
export function createHostWriter(name: string, run: RunCommand): HostWriter {
  return {
    target: name,
    async change(change, { expectedCommand = null, ...bounds }) {
      const argv = buildMoveArgv(change);
      const command = formatArgv(argv);
      if (expectedCommand !== null && expectedCommand !== command) {
        const message = `${name} would be given another command than the one that was confirmed: nothing was run.`;
        throw new DriverError({ kind: "rejected", target: name, operation: command, message });
      }
      const result = await run(argv, bounds).catch((error: unknown) => {
        throw asOutcome(error, name, command);
      });
      if (result.exitCode === null) {
        const message = `${name}: ${command} was ended by a signal: it may have done its work before`;
        throw new DriverError({ kind: "unknown-outcome", target: name, operation: command, message });
      }
      return { command, ...judge(change, result) };
    },
    close: async () => undefined,
  };
}

/** From outside it cannot be told whether a way that broke had carried the command already: then only who holds the address tells. */
function asOutcome(error: unknown, target: string, command: string): unknown {
  if (!(error instanceof DriverError)) return error;
  const { kind, message, advice } = error;
  if (kind === "auth" || kind === "tls" || kind === "unsupported" || kind === "rejected") return error;
  return new DriverError({ kind: "unknown-outcome", target, operation: command, message, advice, cause: error });
}

function judge({ means }: AddressChange, { exitCode, stdout, stderr }: CommandResult) {
  if (exitCode === 0) return { refusal: null, advice: null };
  const said = `${stderr}\n${stdout}`
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "");
  const refusal = `exit code ${exitCode ?? "unknown"}${said === undefined ? "" : `: ${said}`}`;
  const advice =
    means.by === "heartbeat"
      ? `Log in as root, or allow it with sudo: NOPASSWD: ${means.program}.`
      : `The account has to be able to write ${means.file}.`;
  return { refusal, advice };
}
