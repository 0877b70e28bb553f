/** What the system's ssh is started with. Nothing goes through a shell. */
import { existsSync } from "node:fs";
import type { SshSettings } from "../../model/settings.ts";
import { formatDestination, type SshDestination, type SshEndpoint } from "./endpoint.ts";

/** Of each keyword the first value counts, so these stand before everything the user has configured. */
const OURS = [
  "BatchMode yes",
  "StrictHostKeyChecking yes",
  "UpdateHostKeys no",
  "VerifyHostKeyDNS no",
  "NoHostAuthenticationForLocalhost no",
  "ExitOnForwardFailure no",
  "StreamLocalBindMask 0177",
  "ServerAliveInterval 1",
  "ServerAliveCountMax 2",
  "ConnectTimeout 10",
  "ControlMaster no",
  "ControlPath none",
  // Else a session would go on behind our back when we end it.
  "ControlPersist no",
  "ForwardAgent no",
  "ForwardX11 no",
  "PermitLocalCommand no",
  "RemoteCommand none",
  "RequestTTY no",
  // For the fingerprint of a host key that is not known.
  "LogLevel DEBUG1",
];

/**
 * A configuration file and not arguments: ssh starts another ssh for each host it jumps over and hands it the file only, and a host on the way
 * must not be judged less strictly than the last one.
 */
export function buildOpensshConfig({ configFile, knownHostsFile }: SshSettings): string {
  const included = [configFile, "/etc/ssh/ssh_config"].filter((file) => existsSync(file));
  const lines = [
    "Host *",
    ...OURS.map((line) => `  ${line}`),
    `  UserKnownHostsFile "${knownHostsFile}"`,
    ...included.flatMap((file) => ["Match all", `  Include "${file}"`]),
  ];
  return `${lines.join("\n")}\n`;
}

const selectHost = ({ user, port }: SshEndpoint, configFile: string): readonly string[] => [
  "-F",
  configFile,
  ...(user === null ? [] : ["-l", user]),
  ...(port === null ? [] : ["-p", String(port)]),
];

/** Ports that the user forwards are for the user's own ssh: nothing of ours takes them away. It would take our own forwarding, too, so it is not for that. */
const WITHOUT_FORWARDINGS: readonly string[] = ["-o", "ClearAllForwardings=yes"];

/** @param localPath socket of ours that leads to the destination */
export function buildOpensshArguments(
  endpoint: SshEndpoint,
  destination: SshDestination,
  configFile: string,
  localPath: string,
): readonly string[] {
  const forward = `${localPath}:${formatDestination(destination)}`;
  return [...selectHost(endpoint, configFile), "-n", "-N", "-T", "-L", forward, "--", endpoint.host];
}

/** A session that does nothing itself. @param controlPath socket at which others join it */
export function buildSessionArguments(
  endpoint: SshEndpoint,
  configFile: string,
  controlPath: string,
): readonly string[] {
  return [
    ...selectHost(endpoint, configFile),
    ...WITHOUT_FORWARDINGS,
    "-n",
    "-N",
    "-T",
    "-M",
    "-S",
    controlPath,
    "--",
    endpoint.host,
  ];
}

/** A program there. @param controlPath of a session to join; null: a session of its own */
export function buildRunArguments(
  endpoint: SshEndpoint,
  { configFile, controlPath }: { readonly configFile: string; readonly controlPath: string | null },
  command: string,
): readonly string[] {
  const join = controlPath === null ? [] : ["-S", controlPath];
  return [
    ...selectHost(endpoint, configFile),
    ...WITHOUT_FORWARDINGS,
    "-n",
    "-T",
    ...join,
    "--",
    endpoint.host,
    command,
  ];
}
