/** Programs of a simulated host: what is asked of it about the address that moves, and the one that moves it (Heartbeat 3). */
import { giveAway, listHolders } from "../world/address.ts";
import type { FloatingAddress, Host, ProductName, World } from "../world/state.ts";
import { splitWords, withoutEnvironment } from "./shell-words.ts";

interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Program = (world: World, host: Host, args: readonly string[]) => ProgramResult;

const standby = "/usr/share/heartbeat/hb_standby";
const resources = "/etc/ha.d/haresources";
/** All that `ls` can find here. */
const files: ReadonlySet<string> = new Set([standby, resources]);

function says(stdout: string): ProgramResult {
  return { exitCode: 0, stdout, stderr: "" };
}

function fails(exitCode: number, stderr: string): ProgramResult {
  return { exitCode, stdout: "", stderr: `${stderr}\n` };
}

function interfaceOf(world: World, { name, number }: Host): object {
  const own = { family: "inet", local: `10.10.10.${number}`, prefixlen: 24, scope: "global", label: "eth0" };
  const { address } = world;
  const floating =
    address !== null && listHolders(world).includes(name)
      ? [{ family: "inet", local: address.text, prefixlen: 24, scope: "global", secondary: true, label: "eth0:0" }]
      : [];
  return {
    ifindex: 2,
    ifname: "eth0",
    flags: ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
    mtu: 1500,
    operstate: "UP",
    link_type: "ether",
    address: `02:42:0a:0a:0a:${number.toString(16).padStart(2, "0")}`,
    addr_info: [own, ...floating],
  };
}

const loopback = {
  ifindex: 1,
  ifname: "lo",
  flags: ["LOOPBACK", "UP", "LOWER_UP"],
  mtu: 65_536,
  operstate: "UNKNOWN",
  link_type: "loopback",
  address: "00:00:00:00:00:00",
  addr_info: [{ family: "inet", local: "127.0.0.1", prefixlen: 8, scope: "host", label: "lo" }],
};

/** Heartbeat runs where a HAProxy does: nowhere else could the address be taken. */
function runsHeartbeat({ haproxies }: World, { members }: Host): boolean {
  return haproxies.some(({ name }) => members.includes(name));
}

const daemons: Readonly<Record<ProductName, string>> = { mariadb: "mariadbd", mysql: "mysqld" };

function listProcesses(world: World, host: Host): string {
  const running = [
    ...world.haproxies.filter((each) => each.running).map(({ name }) => [name, "haproxy"] as const),
    ...world.nodes
      .filter((each) => each.process !== "stopped")
      .map(({ name, product }) => [name, daemons[product]] as const),
  ];
  const own = running.filter(([name]) => host.members.includes(name)).map(([, program]) => program);
  const heartbeat = runsHeartbeat(world, host) ? ["heartbeat", "heartbeat: FIFO reader"] : [];
  return ["systemd", "sshd", ...heartbeat, ...own].map((name) => `${name}\n`).join("");
}

function describeResources({ home, text }: FloatingAddress): string {
  return `${home} IPaddr::${text}/24/eth0\n`;
}

const ls: Program = (world, host, args) => {
  const wanted = args.filter((arg) => arg.startsWith("/"));
  const isThere = (path: string): boolean => runsHeartbeat(world, host) && files.has(path);
  const missing = wanted.filter((path) => !isThere(path));
  return {
    exitCode: missing.length === 0 ? 0 : 2,
    stdout: wanted
      .filter(isThere)
      .map((path) => `${path}\n`)
      .join(""),
    stderr: missing.map((path) => `ls: cannot access '${path}': No such file or directory\n`).join(""),
  };
};

const cat: Program = (world, host, args) => {
  const path = args.find((arg) => arg.startsWith("/")) ?? "";
  return path === resources && runsHeartbeat(world, host) && world.address !== null
    ? says(describeResources(world.address))
    : fails(1, `cat: ${path}: No such file or directory`);
};

/** The account may run this one program as root, and nothing else. */
const sudo: Program = (world, host, args) => {
  const command = args.slice(args.indexOf("--") + 1);
  const [program, what] = command;
  const isAllowed = args.includes("--") && program === standby && (what === "local" || what === "foreign");
  if (!isAllowed || !runsHeartbeat(world, host)) return fails(1, "sudo: a password is required");
  if (args.includes("-l")) return says(`${command.join(" ")}\n`);
  world.ledger.commands += 1;
  const refusal = giveAway(world, host, what);
  return refusal === null ? says(`Going standby [${what}].\n`) : fails(1, `hb_standby: ${refusal}`);
};

const programs: Readonly<Record<string, Program>> = {
  ip: (world, host, args) =>
    args.join(" ") === "-j addr show"
      ? says(`${JSON.stringify([loopback, interfaceOf(world, host)])}\n`)
      : fails(1, "ip: only -j addr show is simulated"),
  ps: (world, host) => says(listProcesses(world, host)),
  uname: (_world, { name }) => says(`${name}\n`),
  id: () => says("1000\n"),
  ls,
  cat,
  sudo,
  [standby]: (world, host) =>
    runsHeartbeat(world, host) ? fails(1, "hb_standby: permission denied") : fails(127, `${standby}: not found`),
};

/** Runs a command line. What is not known is not found, as on a host without it. */
export function runProgram(world: World, host: Host, line: string): ProgramResult {
  const [program, ...args] = withoutEnvironment(splitWords(line) ?? []);
  const run = program !== undefined && Object.hasOwn(programs, program) ? programs[program] : undefined;
  return run === undefined ? fails(127, `sh: ${program ?? "?"}: not found`) : run(world, host, args);
}
