/** Two sides that both take writes: one is taken out, the other has all of its writes and keeps its own. Every step can be taken back. */
import type { HandTask } from "../../../model/operation.ts";
import { otherTask, readOnlyTask } from "../by-hand.ts";
import { inSection } from "../move.ts";
import { gateServer } from "../server-steps.ts";
import type { Sheet } from "../sheet.ts";
import { confirmContained, eventScheduler } from "../steps.ts";
import { selectReplicationBy } from "../variant.ts";
import { addQuickening, addRestoring } from "./checkpoints.ts";
import { enabledEvents, runsEvents } from "./events.ts";
import type { Switch } from "./switch.ts";
import { addCatchUp, addFence, addPreSync } from "./writing.ts";

export function addTakingOut(sheet: Sheet, plan: Switch): void {
  const { view, from, to, servers } = plan;
  addQuickening(sheet, plan);
  addPreSync(sheet, plan);
  sheet.group(servers.others.flatMap((server) => gateServer(view, server)));
  sheet.group(runsEvents(plan) ? [eventScheduler(from, false, "undo")] : []);
  // The other side takes writes all the time: nothing has to hold before this one gets them back.
  addFence(sheet, plan, []);
  addCatchUp(sheet, plan);
  // Its log goes on growing by what the other side writes: only ids tell whether it has something of its own that is late.
  const byGtid = selectReplicationBy(view, to, from) !== "file";
  sheet.group(byGtid ? [inSection("write-stop", confirmContained(from, to))] : []);
  addRestoring(sheet, plan);
}

export function takenOutTasks(plan: Switch): HandTask[] {
  const { view, from, to, servers } = plan;
  const haproxies = [...new Set(servers.old.map(({ haproxy }) => haproxy))];
  const events = runsEvents(plan) ? enabledEvents(plan) : [];
  return [
    ...haproxies.map((haproxy): HandTask => {
      const names = servers.old.filter((each) => each.haproxy === haproxy).map(({ server }) => server.server);
      return {
        code: "config-names-old-primary",
        subject: haproxy,
        message: `A reload of ${haproxy} sends writes to ${from} again, which is read-only.`,
        lines: [
          `# haproxy.cfg of ${haproxy}, backend ${servers.backend}, as long as ${from} is out`,
          ...names.map((name) => `server ${name} … disabled`),
        ],
        until: { kind: "configured-out", haproxy, backend: servers.backend, servers: names },
      };
    }),
    readOnlyTask(view, from, true),
    ...(events.length === 0
      ? []
      : [
          otherTask(
            to,
            `${events.length} events of ${from} run nowhere while it is out.`,
            events.map(({ schema, name }) => `ALTER EVENT \`${schema}\`.\`${name}\` ENABLE;   -- on ${to}`),
          ),
        ]),
  ];
}
