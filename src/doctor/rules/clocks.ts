/** Rules about clocks: lag by heartbeat, times in reports and logs all compare clocks of different machines. */
import { type ClusterFacts, freshHaproxies } from "../facts.ts";
import type { DoctorRule, Found } from "../finding.ts";

const MOST_MS = 1000;
/** HAProxy tells whole seconds twice (start and uptime). */
const HAPROXY_MOST_MS = 3000;

interface Offset {
  readonly name: string;
  readonly ms: number;
  readonly mostMs: number;
}

function listOffsets(facts: ClusterFacts): readonly Offset[] {
  const nodes = [...facts.nodes].flatMap(([name, { examination }]): Offset[] => {
    const ms = examination?.clockOffsetMs ?? null;
    return ms === null ? [] : [{ name, ms, mostMs: MOST_MS }];
  });
  const haproxies = freshHaproxies(facts).flatMap(({ name, report, at }): Offset[] => {
    const { startTimeSeconds = null, uptimeSeconds = null } = report.process ?? {};
    if (startTimeSeconds === null || uptimeSeconds === null) return [];
    return [{ name, ms: (startTimeSeconds + uptimeSeconds) * 1000 - at, mostMs: HAPROXY_MOST_MS }];
  });
  return [...nodes, ...haproxies];
}

const describe = (ms: number) => `${(Math.abs(ms) / 1000).toFixed(1)} s ${ms > 0 ? "ahead of" : "behind"}`;
const FIX = "Synchronise it: systemctl enable --now chrony (or systemd-timesyncd); chronyc tracking";

const skew: DoctorRule<ClusterFacts> = {
  code: "clock-skew",
  severity: "warning",
  title: "Clocks differ by more than a second",
  explains:
    "The clock of a node (or, by whole seconds, of a HAProxy) is more than 1 s away from ours: lag by heartbeat is wrong by as much, and so is the order of what logs and journal tell.",
  breaks: ["status", "promote"],
  evaluate: (facts) => {
    const offsets = listOffsets(facts);
    const off = offsets.filter(({ ms, mostMs }) => Math.abs(ms) > mostMs);
    const exact = offsets.filter(({ mostMs }) => mostMs === MOST_MS);
    const [first] = exact;
    const agree = first !== undefined && exact.every(({ ms }) => Math.abs(ms - first.ms) <= MOST_MS);
    // When all of them agree against us, it is ours that is wrong.
    if (agree && exact.length > 1 && Math.abs(first.ms) > MOST_MS) {
      const message = `The clock of this machine is ${describe(-first.ms)} that of all ${exact.length} nodes.`;
      return [{ subject: "this machine", message, fix: FIX }];
    }
    return off.map(({ name, ms }): Found => {
      return { subject: name, message: `${name}: its clock is ${describe(ms)} ours.`, fix: `On its host: ${FIX}` };
    });
  },
};

export const CLOCK_RULES: readonly DoctorRule<ClusterFacts>[] = [skew];
