/**
 * MySQL with a parallel applier: its coordinates move only at a checkpoint, every 300 ms as it is delivered. A wait for coordinates inside the
 * write stop would last that long, so that the nodes waited for get one every millisecond meanwhile.
 */

import type { Sheet } from "../sheet.ts";
import { quickenApplier, restoreApplier } from "../steps.ts";
import { selectWaitBy } from "../variant.ts";
import type { Switch } from "./switch.ts";

interface Slow {
  readonly node: string;
  readonly foundMs: number;
}

/** Nodes that are waited for by coordinates while writes stand still. */
function waitedFor({ view, variant, from, to, by, siblings }: Switch): readonly string[] {
  const isPair = variant === "pair" && selectWaitBy(view, from, to) === "file";
  return [
    ...(by === "file" ? [to] : []),
    ...(isPair ? [from] : []),
    ...(variant === "file" ? siblings.map(({ node }) => node) : []),
  ];
}

function selectSlow(plan: Switch): readonly Slow[] {
  return waitedFor(plan).flatMap((node): Slow[] => {
    const foundMs = plan.view.report(node)?.applierCheckpointMs ?? null;
    return foundMs === null || foundMs <= 1 || !mayChange(plan, node) ? [] : [{ node, foundMs }];
  });
}

/** Without the privilege it takes longer, and works all the same. */
function mayChange({ preflight }: Switch, node: string): boolean {
  const missing = preflight?.nodes.get(node)?.missingGrants ?? [];
  return !missing.some(({ kinds }) => kinds.includes("applier-checkpoint"));
}

export function addQuickening(sheet: Sheet, plan: Switch): void {
  sheet.group(selectSlow(plan).map(({ node, foundMs }) => quickenApplier(node, foundMs)));
}

/** Only after the last wait for coordinates, which siblings have once writes flow again. */
export function addRestoring(sheet: Sheet, plan: Switch): void {
  sheet.group(selectSlow(plan).map(({ node, foundMs }) => restoreApplier(node, foundMs)));
}

export function checkpointNotes(plan: Switch): string[] {
  return waitedFor(plan).flatMap((node) => {
    const foundMs = plan.view.report(node)?.applierCheckpointMs ?? null;
    if (foundMs === null || foundMs <= 1 || mayChange(plan, node)) return [];
    return [
      `The coordinates of ${node} move every ${foundMs} ms only, and our account may not change that: writes stand still that much longer.`,
    ];
  });
}
