/** A draft as the YAML of the configuration, with what was seen as comments. No password ever stands in it. */
import { formatHaproxyUrl } from "../../drivers/haproxy/location.ts";
import { formatAddress } from "../../model/address.ts";
import { printable } from "../../model/printable.ts";
import type { DraftHaproxy, InitDraft } from "./draft.ts";

export interface PasswordsKnown {
  /** Whether $SIGNALBOX_MYSQL_PASSWORD and $SIGNALBOX_REPL_PASSWORD are set: a configuration that names an unset one does not load. */
  readonly mysql: boolean;
  readonly replication: boolean;
}

export const MYSQL_PASSWORD = "SIGNALBOX_MYSQL_PASSWORD";
export const REPLICATION_PASSWORD = "SIGNALBOX_REPL_PASSWORD";

/** Plain where YAML reads the same text back, else quoted as JSON, which YAML understands. */
export function formatScalar(text: string): string {
  const plain =
    /^(~\/)?[A-Za-z/.][A-Za-z0-9_./@-]*(:[A-Za-z0-9_./@-]+)*$/.test(text) || /^\d+(\.\d+){3}(:\d+)?$/.test(text);
  return plain && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text);
}

/** @param at ISO date of the look */
export function formatConfig(draft: InitDraft, passwords: PasswordsKnown, at: string): string {
  const { cluster, haproxies, nodes, writer, readers, readerAddresses, missing } = draft;
  const lines = [
    `# Configuration of signalbox, written by "signalbox init" on ${at} from what it saw then.`,
    "# docs/configuration.md explains every key. Passwords are never written here: export the variables.",
    "interval: 1s",
    "mysql:",
    `  user: ${formatScalar(draft.user)}`,
    ...passwordLine("  ", MYSQL_PASSWORD, passwords.mysql),
    "  tls: preferred",
    "clusters:",
    `  - name: ${formatScalar(cluster)}`,
    ...(haproxies.length === 0 ? [] : ["    haproxy:", ...haproxies.flatMap(formatHaproxy)]),
    ...(nodes.length === 0 ? [] : ["    nodes:"]),
    ...nodes.flatMap(({ name, address, ssh, notes }) => [
      ...notes.map((note) => comment("      ", note)),
      `      - {name: ${formatScalar(name)}, address: ${formatScalar(address)}${ssh === null ? "" : `, ssh: ${formatScalar(ssh)}`}}`,
    ]),
    ...formatWriter(writer),
    ...(readers.length === 0 ? [] : [`    readers: [${readers.map(formatScalar).join(", ")}]`]),
    ...formatReaderAddresses(readerAddresses),
    ...formatReplication(draft.replicationUser, passwords.replication),
    ...formatSsh(draft),
    "",
    "# Not found:",
    ...missing.map((what) => comment("", `- ${what}`)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Server text goes into comments: nothing in it may end the line. */
function comment(indent: string, text: string): string {
  return `${indent}# ${printable(text)}`;
}

function passwordLine(indent: string, variable: string, isSet: boolean): readonly string[] {
  if (isSet) return [`${indent}password_env: ${variable}`];
  return [`${indent}# password_env: ${variable}   # export it, then take this # away`];
}

const KEYS: Readonly<Record<string, string>> = { stats: "stats", "sql-admin": "sql_admin" };

function formatHaproxy({ name, location, notes }: DraftHaproxy): readonly string[] {
  const key = KEYS[location.kind] ?? "socket";
  const secret = location.kind === "stats" && location.password !== null;
  return [
    ...notes.map((note) => comment("      ", note)),
    `      - name: ${formatScalar(name)}`,
    ...(secret
      ? [comment("        ", "add its login: http://USER:PASSWORD@host…; a password is not written here")]
      : []),
    `        ${key}: ${formatScalar(formatHaproxyUrl(location))}`,
  ];
}

function formatWriter(writer: InitDraft["writer"]): readonly string[] {
  if (writer === null) return ["    # writer: BACKEND            # which backend takes writes could not be told"];
  const { backend, address, multiWriter } = writer;
  if (address === null && !multiWriter) return [`    writer: ${formatScalar(backend)}`];
  const where = address === null ? "" : `, address: ${formatScalar(formatAddress(address.host, address.port))}`;
  return [
    ...(multiWriter ? ["    # Several writable nodes are active at once: taken as meant."] : []),
    `    writer: {backend: ${formatScalar(backend)}${where}${multiWriter ? ", multi_writer: true" : ""}}`,
  ];
}

/** As a comment: whether the probe may connect there as well is for a person to say. */
function formatReaderAddresses(addresses: InitDraft["readerAddresses"]): readonly string[] {
  if (addresses.length === 0) return [];
  const readers = addresses.map(
    ({ backend, host, port }) =>
      `{backend: ${formatScalar(backend)}, address: ${formatScalar(formatAddress(host, port))}}`,
  );
  return [comment("    ", `readers: [${readers.join(", ")}]   # instead, for the route probe to ask there too`)];
}

/** Those that this look was made with, where SSH was needed for it. */
function formatSsh({ haproxies, nodes, ssh }: InitDraft): readonly string[] {
  const isUsed =
    nodes.some((node) => node.ssh !== null) ||
    haproxies.some(
      ({ location }) => location.kind === "ssh" || (location.kind === "sql-admin" && location.ssh !== null),
    );
  if (!isUsed) return [];
  return [
    "ssh:",
    `  config: ${formatScalar(ssh.configFile)}`,
    `  known_hosts: ${formatScalar(ssh.knownHostsFile)}`,
    ...(ssh.transport === undefined ? [] : [`  transport: ${ssh.transport}`]),
  ];
}

/** Without its password the account would stand in the way of one that MySQL keeps readable, so it waits as a comment. */
function formatReplication(user: string | null, passwordIsSet: boolean): readonly string[] {
  if (user !== null && passwordIsSet) {
    return [
      "    replication:              # account that replicas use now; promote gives it to those it re-points",
      `      user: ${formatScalar(user)}`,
      `      password_env: ${REPLICATION_PASSWORD}`,
    ];
  }
  return [
    `    # replication:            # account that replicas are given; promote needs it. Export ${REPLICATION_PASSWORD} first`,
    `    #   user: ${user === null ? "USER" : formatScalar(user)}`,
    `    #   password_env: ${REPLICATION_PASSWORD}`,
  ];
}
