/** What the guards say of a request on a scene. */
import type { CommandRequest, GuardVerdict } from "../../../../src/model/operation.ts";
import type { OperationRecord } from "../../../../src/operations/journal/record.ts";
import { buildPlan } from "../../../../src/operations/plan.ts";
import type { Scene } from "../../../support/model-builders.ts";
import { buildRequest } from "../../../support/requests.ts";
import { FakeWorld } from "../support/fake-world.ts";

export type Ask = Partial<CommandRequest> & Pick<CommandRequest, "command">;

/** Everything that is not "pass"; no HAProxy of the scene has a stick table. */
export function selectFindings(
  scene: Scene,
  request: Ask,
  record: OperationRecord | null = null,
): readonly GuardVerdict[] {
  const world = new FakeWorld(scene);
  const { guards } = buildPlan({
    request: buildRequest(request),
    cluster: scene.snapshot(),
    settings: scene.settings,
    now: scene.now,
    random: () => "abcd",
    record,
    sessions: new Map(),
    stickTables: new Map([...scene.haproxies.keys()].map((name) => [name, []])),
    preflight: null,
    commandText: (change) => world.commandText(change),
  });
  return guards.filter(({ verdict }) => verdict !== "pass");
}

/** `guard verdict`; ` force` where it may be forced. */
export function listVerdicts(scene: Scene, request: Ask): string[] {
  return selectFindings(scene, request).map(
    ({ guard, verdict, forceable }) => `${guard} ${verdict}${verdict !== "warn" && forceable ? " force" : ""}`,
  );
}
