/** An engine that loses nothing between its start and the first frame: the first snapshot may be there before the screen is. */
import type { Engine, EngineEvent } from "../engine/protocol.ts";

export interface HeldEngine extends Engine {
  /** Gets every event from now on without counting as the subscriber events are held for. */
  watch(listener: (event: EngineEvent) => void): void;
}

/** Holds events until somebody subscribes, then hands them over in order; of snapshots only the newest is held. */
export function holdEvents(engine: Engine): HeldEngine {
  let held: EngineEvent[] = [];
  const release = engine.subscribe((event) => {
    held = [...(event.type === "snapshot" ? held.filter(({ type }) => type !== "snapshot") : held), event];
  });
  return {
    send: (request) => engine.send(request),
    stop: () => engine.stop(),
    watch: (listener) => {
      engine.subscribe(listener);
    },
    subscribe(listener) {
      const unsubscribe = engine.subscribe(listener);
      release();
      const waiting = held;
      held = [];
      for (const event of waiting) listener(event);
      return unsubscribe;
    },
  };
}
