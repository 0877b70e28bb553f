/** What a host says of the floating address while it is being moved: who holds it, and what could move it, by which right. Nothing is changed. */
import type { FloatingTools, HostReport } from "../../model/floating-ip.ts";
import type {
  HeartbeatFacts,
  KeepalivedFacts,
  KeepalivedInstance,
  MoveFacts,
  RunRight,
  TrackFile,
} from "../../model/floating-move.ts";
import type { HostMoveReader, RequestBounds } from "../contract.ts";
import { DriverError } from "../errors.ts";
import { type KeepalivedOnFile, parseKeepalived } from "./keepalived-config.ts";
import { createHostReader } from "./reader.ts";
import type { CommandResult, RunCommand } from "./run-command.ts";
import { readTools } from "./tools.ts";

const KEEPALIVED_CONF = "/etc/keepalived/keepalived.conf";
/** Passwords of VRRP stay on the host. */
const WITHOUT_PASSWORDS = `s/auth_pass[[:space:]]+("[^"]*"|[^[:space:]]+)/auth_pass/`;

interface MoveReaderOptions {
  readonly name: string;
  readonly address: string;
  readonly run: RunCommand;
}

/** sshd runs ten programs for one session unless told otherwise (MaxSessions), and the monitor asks through the same session. */
const MOST_AT_ONCE = 3;

export function createHostMoveReader({ name, address, run: runAny }: MoveReaderOptions): HostMoveReader {
  const run = inTurns(runAny, MOST_AT_ONCE, name);
  const addresses = createHostReader({ name, address, run, withTools: false });
  let known: { readonly tools: FloatingTools | null; readonly move: MoveFacts } | null = null;
  const ask = (argv: readonly string[], bounds: RequestBounds) => run(argv, bounds).catch(asMissing);
  const readAll = async (bounds: RequestBounds) => {
    // Asked before it is known whether there is a keepalived: every round through SSH takes time while somebody waits.
    const [tools, node, id, keepalived] = await Promise.all([
      readTools(run, address, bounds),
      ask(["uname", "-n"], bounds),
      ask(["id", "-u"], bounds),
      readKeepalived(address, ask, bounds),
    ]);
    const heartbeat =
      tools.heartbeat === null ? null : await readHeartbeat(tools.heartbeat.standbyPath, id, ask, bounds);
    return {
      tools,
      move: {
        nodeName: node.exitCode === 0 ? node.stdout.trim() : null,
        heartbeat,
        keepalived: tools.keepalived === null ? null : keepalived,
      },
    };
  };
  const readNumbers = async (bounds: RequestBounds) => {
    if (known === null) return;
    const { keepalived } = known.move;
    if (keepalived?.instance == null) return;
    const instance = await readFiles(keepalived.instance, ask, bounds);
    known = { ...known, move: { ...known.move, keepalived: { ...keepalived, instance } } };
  };
  return {
    target: name,
    async read(depth, whole): Promise<HostReport> {
      const bounds = countDown(whole);
      const rest = async () => {
        if (depth === "all") known = await readAll(bounds);
        else await readNumbers(bounds);
      };
      // What was known of the programs is not carried over a look that could not be made.
      const [report] = await Promise.all([
        addresses.poll(bounds),
        rest().catch((error: unknown) => {
          known = null;
          throw error;
        }),
      ]);
      return known === null ? report : { ...report, ...known };
    },
    close: () => addresses.close(),
  };
}

/** The same bounds for all that is asked from now on together: whoever asks later has only what is left. */
function countDown({ signal, timeoutMs }: RequestBounds): RequestBounds {
  const endsMs = performance.now() + timeoutMs;
  return {
    signal,
    get timeoutMs() {
      return Math.max(0, Math.floor(endsMs - performance.now()));
    },
  };
}

/** The same, at most so many at once: the others wait, no longer than their bounds allow. */
function inTurns(run: RunCommand, most: number, target: string): RunCommand {
  let running = 0;
  const waiting: (() => void)[] = [];
  const late = (argv: readonly string[]) => {
    const operation = argv[0] ?? "";
    const message = `${target}: ${operation}: no answer in time`;
    return new DriverError({ kind: "timeout", target, operation, message });
  };
  const waitForTurn = (argv: readonly string[], timeoutMs: number) =>
    new Promise<void>((resolve, reject) => {
      const go = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(late(argv));
      }, timeoutMs);
      waiting.push(go);
    });
  return async (argv, bounds) => {
    if (running >= most) await waitForTurn(argv, bounds.timeoutMs);
    else running += 1;
    try {
      const { signal, timeoutMs } = bounds;
      if (timeoutMs <= 0) throw late(argv);
      return await run(argv, { signal, timeoutMs });
    } finally {
      const next = waiting.shift();
      // Its place goes to the next one.
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

type Ask = (argv: readonly string[], bounds: RequestBounds) => Promise<CommandResult>;

/** A program that is not there has an exit code of its own through a shell; here it is the same for both ways. */
function asMissing(error: unknown): CommandResult {
  if (error instanceof DriverError && error.kind === "unsupported") return { exitCode: 127, stdout: "", stderr: "" };
  throw error;
}

async function readHeartbeat(
  program: string | null,
  id: CommandResult,
  ask: Ask,
  bounds: RequestBounds,
): Promise<HeartbeatFacts> {
  if (program === null || id.exitCode !== 0) return { right: null };
  if (id.stdout.trim() === "0") return { right: "root" };
  // Both words, since the way back has the other one.
  const rules = await Promise.all(
    ["local", "foreign"].map((word) => ask(["sudo", "-n", "-l", "--", program, word], bounds)),
  );
  const right: RunRight = rules.every(({ exitCode }) => exitCode === 0) ? "sudo" : "none";
  return { right };
}

async function readKeepalived(address: string, ask: Ask, bounds: RequestBounds): Promise<KeepalivedFacts> {
  const file = await ask(["sed", "-E", WITHOUT_PASSWORDS, KEEPALIVED_CONF], bounds);
  if (file.exitCode !== 0) return { problem: `${KEEPALIVED_CONF} cannot be read`, instance: null };
  const { problem, instance }: KeepalivedOnFile = parseKeepalived(file.stdout, address);
  if (instance === null) return { problem: `${KEEPALIVED_CONF}: ${problem}`, instance: null };
  const trackFiles = instance.trackFiles.map((each) => ({ ...each, value: null, writable: null }));
  return { problem: null, instance: await readFiles({ ...instance, trackFiles }, ask, bounds) };
}

async function readFiles(instance: KeepalivedInstance, ask: Ask, bounds: RequestBounds): Promise<KeepalivedInstance> {
  const trackFiles = await Promise.all(
    instance.trackFiles.map(async (each): Promise<TrackFile> => {
      if (each.path === null) return { ...each, value: null, writable: null };
      const [text, writable] = await Promise.all([
        ask(["cat", "--", each.path], bounds),
        ask(["test", "-f", each.path, "-a", "-w", each.path], bounds),
      ]);
      const value = text.exitCode === 0 ? parseNumber(text.stdout) : null;
      return { ...each, value, writable: writable.exitCode === 0 ? true : writable.exitCode === 1 ? false : null };
    }),
  );
  return { ...instance, trackFiles };
}

/** keepalived takes an empty file as 0; of what it makes of any other text we do not speak. */
function parseNumber(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === "") return 0;
  return /^[+-]?\d{1,10}$/.test(trimmed) ? Number(trimmed) : null;
}
