/** The changing commands as commander knows them: names, arguments, options, help. */
import { type Command, Option } from "commander";
import { UsageError } from "../../config/config-error.ts";
import { findNearMatch } from "../../model/near-match.ts";
import type { CommandId } from "../../model/operation.ts";
import { type Ask, buildAsk, type ChangeOptions, parseSessionId, parseWeight, splitHaproxy } from "./options.ts";

/** Carries out what was asked for. */
export type RunAsk = (ask: Ask, options: ChangeOptions) => Promise<void>;

const TARGET = "a node (all its servers on all HAProxies) or BACKEND/SERVER";

const TARGET_HELP = `
TARGET is ${TARGET}.
--haproxy NAME acts on that configured HAProxy only; a value with :// is a URL, as everywhere.`;

const WRITES_HELP = `
It moves the writes of the cluster on all HAProxies at once. --dry-run shows the whole plan; docs/promotion.md explains it.`;

const ADDRESS_HELP = `
HOST is a host, or a HAProxy or node on it; left out, the other host that has a HAProxy. The program that holds the address there gives it away:
Heartbeat by hb_standby, keepalived by a track_file. docs/floating-ip.md says what each of them needs.`;

const HELP_END = `
Exit codes: 0 done and verified, 4 refused (nothing changed), 5 failed and rolled back, 6 failed and not fully rolled back
(resume or undo), 64 usage, 78 configuration, 130 interrupted.`;

function addCommonOptions(command: Command, about = TARGET_HELP): Command {
  return command
    .option("--dry-run", "print the plan and change nothing")
    .option("--yes", "ask nothing")
    .option("--json", "print events as JSON lines")
    .option("--reason <text>", "why, kept in the journal")
    .option("--force", "override the guards that may be overridden")
    .addHelpText("after", `${about}${HELP_END}`);
}

function addWait(command: Command): Command {
  return command
    .option("--wait", "wait until no session is left")
    .option("--timeout <time>", "wait this long at most (default 60s)");
}

/** `--haproxy NAME` where it means nothing must not be passed over in silence. */
function refuseHaproxyName(command: string, options: ChangeOptions): void {
  const { name } = splitHaproxy(options.haproxy);
  if (name === null) return;
  throw new UsageError(`${command} acts on no HAProxy by name; leave out --haproxy ${JSON.stringify(name)}`);
}

function addServerCommand(program: Command, run: RunAsk, name: CommandId, description: string, waits: boolean): void {
  const command = addCommonOptions(program.command(name).argument("<target...>", TARGET).description(description));
  if (waits) addWait(command);
  command.action(async (targets: string[], _options: unknown, self: Command) => {
    const options = self.optsWithGlobals<ChangeOptions>();
    await run(buildAsk(name, options, { targets }), options);
  });
}

function addWeight(program: Command, run: RunAsk): void {
  addCommonOptions(program.command("weight").argument("<target>", TARGET).argument("<weight>", "0 to 256"))
    .description("set the weight of a server")
    .action(async (target: string, weight: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ChangeOptions>();
      await run(buildAsk("weight", options, { targets: [target], weight: parseWeight(weight) }), options);
    });
}

/** A command that wants one of some words first: `replica start`, `read-only on`. */
function addWordCommand(program: Command, name: string, description: string, words: readonly string[]): Command {
  return program
    .command(name)
    .description(description)
    .argument("[words...]")
    .usage(`${words.join("|")} <node...>`)
    .allowUnknownOption()
    .action((given: readonly string[]) => {
      const word = given.find((each) => !each.startsWith("-"));
      const choice = `${name} ${words.join("|")} NODE`;
      if (word === undefined) throw new UsageError(`${name} wants a word and a node: signalbox ${choice}`);
      const near = findNearMatch(word, words);
      const meant = near === null ? "" : ` (did you mean ${near}?)`;
      throw new UsageError(`${name} does not know ${JSON.stringify(word)}${meant}: signalbox ${choice}`);
    });
}

function addNodeCommand(parent: Command, run: RunAsk, word: string, id: CommandId, description: string): Command {
  const command = addCommonOptions(parent.command(word).argument("<node...>").description(description));
  return command.action(async (targets: string[], _options: unknown, self: Command) => {
    const options = self.optsWithGlobals<ChangeOptions>();
    refuseHaproxyName(`${parent.name()} ${word}`, options);
    await run(buildAsk(id, options, { targets }), options);
  });
}

function addReplica(program: Command, run: RunAsk): void {
  const replica = addWordCommand(program, "replica", "start or stop replication of a node", ["start", "stop"]);
  for (const word of ["start", "stop"] as const) {
    addNodeCommand(replica, run, word, `replica-${word}`, `${word} replication of a node`)
      .addOption(new Option("--thread <thread>", "only this thread").choices(["io", "sql"]))
      .option("--channel <name>", "only this channel");
  }
}

function addReadOnly(program: Command, run: RunAsk): void {
  const readOnly = addWordCommand(program, "read-only", "make a node read-only, or writable again", ["on", "off"]);
  addNodeCommand(readOnly, run, "on", "read-only-on", "make a node read-only");
  addNodeCommand(readOnly, run, "off", "read-only-off", "open a node for writes");
}

function addKillSession(program: Command, run: RunAsk): void {
  addCommonOptions(program.command("kill-session").argument("<node>").argument("<id>", "number in the processlist"))
    .description("end one client session of a node")
    .action(async (node: string, id: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ChangeOptions>();
      refuseHaproxyName("kill-session", options);
      await run(buildAsk("kill-session", options, { targets: [node], sessionId: parseSessionId(id) }), options);
    });
}

function addPromote(program: Command, run: RunAsk): void {
  addCommonOptions(program.command("promote").argument("<node>", "the primary to be"), WRITES_HELP)
    .description("make a replica the primary: writes stop for a moment and go on there")
    .option("--failover", "the primary is dead: prove it, and promote without it")
    .option("--accept-loss", "with --failover: give up the transactions that the plan names as lost")
    .action(async (node: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ChangeOptions>();
      refuseHaproxyName("promote", options);
      const { failover = false, acceptLoss = false } = options;
      await run(buildAsk("promote", options, { targets: [node], promotion: { failover, acceptLoss } }), options);
    });
}

function addMoveIp(program: Command, run: RunAsk): void {
  addCommonOptions(program.command("move-ip").argument("[host]", "who is to hold it"), ADDRESS_HELP)
    .description("move the floating address to the other host")
    .action(async (host: string | undefined, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ChangeOptions>();
      refuseHaproxyName("move-ip", options);
      await run(buildAsk("move-ip", options, { targets: host === undefined ? [] : [host] }), options);
    });
}

function addRejoin(program: Command, run: RunAsk): void {
  addCommonOptions(program.command("rejoin").argument("<node>", "the old primary that is back"), WRITES_HELP)
    .description("bring a returned old primary back as a replica")
    .action(async (node: string, _options: unknown, self: Command) => {
      const options = self.optsWithGlobals<ChangeOptions>();
      refuseHaproxyName("rejoin", options);
      await run(buildAsk("rejoin", options, { targets: [node] }), options);
    });
}

function addJournalCommand(program: Command, run: RunAsk, name: "undo" | "resume", description: string): void {
  const command = addCommonOptions(program.command(name).argument("[id]", "operation; the last one if left out"));
  if (name === "resume") addWait(command);
  command.description(description).action(async (id: string | undefined, _options: unknown, self: Command) => {
    const options = self.optsWithGlobals<ChangeOptions>();
    refuseHaproxyName(name, options);
    await run(buildAsk(name, options, { operationId: id ?? null }), options);
  });
}

export function addChangeCommands(program: Command, run: RunAsk): void {
  addServerCommand(program, run, "drain", "take servers out for new sessions, keep those that are there", true);
  addServerCommand(program, run, "maint", "take servers out at once", true);
  addServerCommand(program, run, "ready", "put servers back into rotation", true);
  addServerCommand(program, run, "shutdown-sessions", "cut every session of servers", false);
  addWeight(program, run);
  addReplica(program, run);
  addReadOnly(program, run);
  addKillSession(program, run);
  addMoveIp(program, run);
  addPromote(program, run);
  addRejoin(program, run);
  addJournalCommand(program, run, "resume", "finish an operation that was cut short");
  addJournalCommand(program, run, "undo", "take an operation back");
}
