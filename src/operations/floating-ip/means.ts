/** How the address is made to move, from what the two hosts say of their programs: the changes in order with their way back, or why there is no safe one. Pure. */
import { listTools } from "../../model/floating-ip.ts";
import type { RunRight } from "../../model/floating-move.ts";
import { BY_HAND, type FoundMeans, type NoMeans, noMeans } from "./found-means.ts";
import { selectKeepalived } from "./keepalived-means.ts";
import type { Machine } from "./machines.ts";

const PACEMAKER_ADVICE =
  "Use its own tools: pcs resource move, or crm_resource --move, and take the constraint away again when it has moved (crm_resource --clear).";

const noTool = (subject: string, verdict: NoMeans["verdict"], message: string, advice: string): NoMeans => ({
  guard: "address-tool",
  verdict,
  subject,
  message,
  advice,
});

type Tool = "heartbeat" | "keepalived";

/** The one program that both hosts have and run. */
function selectTool(from: Machine, to: Machine): Tool | NoMeans {
  for (const { name, tools, move } of [from, to]) {
    if (tools === null || move === null) {
      return noTool(name, "unknown", `What moves the address on ${name} cannot be told.`, BY_HAND);
    }
    if (tools.pacemaker) {
      const message = `Pacemaker runs on ${name}: a move by hand leaves a constraint that holds the address there until somebody takes it away.`;
      return noTool(name, "block", message, PACEMAKER_ADVICE);
    }
    const found = listTools(tools);
    if (found.length === 0) {
      return noTool(name, "block", `Neither Heartbeat nor keepalived is recognised on ${name}.`, BY_HAND);
    }
    if (found.length > 1) {
      const message = `${name} has ${found.join(" and ")}: which of them moves the address cannot be told.`;
      return noTool(name, "unknown", message, BY_HAND);
    }
  }
  const [ours, theirs] = [from, to].map(({ tools }) => (tools?.heartbeat != null ? "heartbeat" : "keepalived"));
  if (ours === undefined || ours !== theirs) {
    const message = `${from.name} has ${ours} and ${to.name} has ${theirs}: they do not pass an address between them.`;
    return noTool(to.name, "block", message, BY_HAND);
  }
  for (const { name, tools } of [from, to]) {
    if (tools?.[ours as Tool]?.running === true) continue;
    const message = `${ours} does not run on ${name}: the address ${name === to.name ? "would not be taken over" : "is not held by it"}.`;
    return noTool(name, "block", message, `Start ${ours} on ${name} first.`);
  }
  return ours as Tool;
}

export function selectMeans(from: Machine, to: Machine, address: string): FoundMeans {
  const tool = selectTool(from, to);
  if (typeof tool !== "string") return tool;
  return tool === "heartbeat" ? selectHeartbeat(from, to, address) : selectKeepalived(from, to);
}

/** Heartbeat compares names of nodes without regard to case. */
function wordFor({ move }: Machine, preferred: string): "local" | "foreign" {
  return move?.nodeName?.toLowerCase() === preferred.toLowerCase() ? "local" : "foreign";
}

const rightOf = ({ move }: Machine): RunRight | null => move?.heartbeat?.right ?? null;

function selectHeartbeat(from: Machine, to: Machine, address: string): FoundMeans {
  const preferred = from.tools?.heartbeat?.preferred ?? "";
  for (const { name, tools, move } of [from, to]) {
    const told = tools?.heartbeat?.preferred ?? null;
    if (told === null || preferred === "") {
      const message = `haresources on ${name} has no line with ${address}, or cannot be read: Heartbeat is not known to move it.`;
      return noMeans(name, message, "Put the address there on both hosts, readable for the account of signalbox.");
    }
    if (told.toLowerCase() !== preferred.toLowerCase()) {
      const message = `haresources differs: ${from.name} prefers ${preferred} for ${address}, ${to.name} prefers ${told}.`;
      return noMeans(name, message, "It has to be the same file on both hosts.");
    }
    if (move?.nodeName == null) return noMeans(name, `${name} does not tell its name (uname -n).`, BY_HAND);
  }
  const program = from.tools?.heartbeat?.standbyPath ?? null;
  const right = rightOf(from);
  if (program === null || right === null || right === "none") return refuseRight(from, program, right);
  const back = { program: to.tools?.heartbeat?.standbyPath ?? null, right: rightOf(to) };
  const canUndo = back.program !== null && (back.right === "root" || back.right === "sudo");
  const what = wordFor(from, preferred);
  return {
    notes: [
      `hb_standby ${what} gives away every resource of ${from.name} that haresources ${what === "local" ? "prefers there" : "prefers elsewhere"}, not the address alone.`,
    ],
    steps: [
      {
        host: from,
        means: { by: "heartbeat", program, what, sudo: right === "sudo" },
        undo:
          canUndo && back.program !== null
            ? {
                host: to,
                means: {
                  by: "heartbeat",
                  program: back.program,
                  what: wordFor(to, preferred),
                  sudo: back.right === "sudo",
                },
              }
            : null,
        title: `give ${address} to ${to.name}`,
        found: `held by ${from.name}, prefers ${preferred}`,
      },
    ],
  };
}

function refuseRight({ name }: Machine, program: string | null, right: RunRight | null): NoMeans {
  if (program === null)
    return noMeans(name, `hb_standby is not installed on ${name}.`, "Install it, or move it by hand.");
  const what = right === null ? "whether hb_standby can be run cannot be told" : "the account may not run hb_standby";
  return {
    guard: "address-right",
    verdict: right === null ? "unknown" : "block",
    subject: name,
    message: `On ${name} ${what}: it needs root.`,
    advice: `Log in as root, or give the account a rule of sudo there: NOPASSWD: ${program} local, ${program} foreign.`,
  };
}
