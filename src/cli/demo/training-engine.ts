/** The engine of a training session: the ordinary one, with the scenario's line among the alerts of its cluster. */
import type { Engine, EngineEvent } from "../../engine/protocol.ts";
import type { Alert } from "../../model/alert.ts";
import type { ClusterSnapshot } from "../../model/snapshot.ts";

/** Right after the worst, which keeps its place: lines below may not fit. */
function withLine(cluster: ClusterSnapshot, line: Alert): ClusterSnapshot {
  return { ...cluster, alerts: [...cluster.alerts.slice(0, 1), line, ...cluster.alerts.slice(1)] };
}

function addLine(event: EngineEvent, line: Alert | null): EngineEvent {
  if (event.type !== "snapshot" || line === null) return event;
  const { snapshot } = event;
  return { ...event, snapshot: { ...snapshot, clusters: snapshot.clusters.map((each) => withLine(each, line)) } };
}

/** @param currentLine asked at every snapshot; null adds nothing */
export function addScenarioLine(engine: Engine, currentLine: () => Alert | null): Engine {
  return {
    send: (request) => engine.send(request),
    stop: () => engine.stop(),
    subscribe: (listener) => engine.subscribe((event) => listener(addLine(event, currentLine()))),
  };
}
