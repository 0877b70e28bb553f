/** move-ip as steps: the changes that make the address move, each with what must be read before and after, and the probe of the way through it. */
import { normalizeHost } from "../../model/address.ts";
import type { AddressChange, Fact } from "../../model/operation.ts";
import type { DraftInput, PlanDraft, StepDraft } from "../commands/command.ts";
import { RefusedError } from "../errors.ts";
import type { MeansStep } from "./found-means.ts";
import type { Machine } from "./machines.ts";
import { selectMeans } from "./means.ts";
import { type MoveRoute, selectMoveRoute } from "./route.ts";

/** From the command to the moment at which both hosts have to tell that it has moved. Heartbeat runs the scripts of its resources, one after the other. */
const LIMIT_MS = { heartbeat: 45_000, keepalived: 15_000 } as const;
const PROBE_LIMIT_MS = 5_000;

interface Scene {
  readonly address: string;
  readonly from: Machine;
  readonly to: Machine;
  /** Hosts that have to say that they do not hold it. */
  readonly machines: readonly Machine[];
}

function addressAt({ address, machines }: Scene, host: Machine): Fact {
  const others = machines.filter((machine) => machine !== host).map(({ name }) => name);
  return { kind: "address-at", host: host.name, address, others };
}

function fileFact(host: Machine, { means }: Pick<MeansStep, "means">): Fact[] {
  return means.by === "keepalived"
    ? [{ kind: "track-file", host: host.name, file: means.file, value: means.value }]
    : [];
}

function draftStep(scene: Scene, step: MeansStep, group: number, isLast: boolean): StepDraft {
  const { from, to, address } = scene;
  const isFirst = group === 1;
  const change = (host: Machine, means: MeansStep["means"], back: boolean): AddressChange => ({
    kind: "move-address",
    host: host.name,
    address,
    from: back ? to.name : from.name,
    to: back ? from.name : to.name,
    means,
  });
  const { undo } = step;
  const undoFile = undo === null ? [] : fileFact(undo.host, undo);
  return {
    group,
    title: step.title,
    target: { kind: "host", host: step.host.name },
    change: change(step.host, step.means, false),
    before: [...(isFirst ? [addressAt(scene, from)] : []), ...undoFile],
    // Of several the last one moves it; on the way back the first one does, which is taken back last.
    after: [...fileFact(step.host, step), ...(isLast ? [addressAt(scene, to)] : [])],
    undo:
      undo === null
        ? null
        : {
            change: change(undo.host, undo.means, true),
            after: [...undoFile, ...(isFirst ? [addressAt(scene, from)] : [])],
          },
    found: step.found,
    limitMs: LIMIT_MS[step.means.by],
  };
}

/** Nobody but a client of the address sees whether the way through it works. */
function draftProbe({ view, settings }: DraftInput, { address }: Scene, group: number): StepDraft[] {
  const through = settings.writer?.address ?? null;
  if (through === null || normalizeHost(through.host) !== normalizeHost(address)) return [];
  const known = (view.cluster.writer?.expected ?? []).filter((name) => view.node(name) !== null);
  const [node, ...others] = known;
  if (node === undefined) return [];
  return [
    {
      group,
      title: `the writer answers through ${address}`,
      target: { kind: "node", node },
      change: { kind: "probe-writer", node, ...(others.length === 0 ? {} : { others }) },
      before: [],
      after: [],
      undo: null,
      found: "",
      limitMs: PROBE_LIMIT_MS,
    },
  ];
}

/** Has no space in it: it is typed. */
function selectConfirmWord({ to }: MoveRoute, address: string): string {
  const words = to === null ? [] : [to.name, ...to.haproxies];
  return words.find((word) => !/\s/.test(word)) ?? address;
}

export function draftMove(input: DraftInput): PlanDraft {
  const { request, view, settings } = input;
  const address = settings.floatingIp;
  if (address === null) {
    const advice = "Put `floating_ip: {address: …}` into the configuration of the cluster.";
    throw new RefusedError("No floating address is configured: there is nothing to move.", advice);
  }
  const route = selectMoveRoute(view, request.targets);
  const { from, to, machines } = route;
  const confirmWord = selectConfirmWord(route, address);
  const where = `${from === null ? "" : ` from ${from.name}`}${to === null ? "" : ` to ${to.name}`}`;
  const draft = { title: `Move ${address}${where}`, confirmWord, steps: [], notes: [], watch: [] };
  // Why there are no steps is said by the guards.
  if (from === null || to === null) return draft;
  if (from === to) return { ...draft, title: `Move ${address} to ${to.name}`, notes: [`${to.name} holds it already.`] };
  const means = selectMeans(from, to, address);
  if (!("steps" in means)) return draft;
  const isConcerned = (machine: Machine) => machine.held !== null || machine === from || machine === to;
  const scene = { address, from, to, machines: request.force ? machines.filter(isConcerned) : machines };
  const { steps } = means;
  const moves = steps.map((step, index) => draftStep(scene, step, index + 1, index === steps.length - 1));
  const probe = draftProbe(input, scene, moves.length + 1);
  return { ...draft, steps: [...moves, ...probe], notes: [...means.notes, ...describeProbe(probe, address)] };
}

function describeProbe(probe: readonly StepDraft[], address: string): string[] {
  if (probe.length > 0) return [];
  return [
    `The way through ${address} is not tried: put it as \`writer: {address}\` into the configuration, with its port.`,
  ];
}
