/**
 * Lets states through to the screen: the first at once, then at most one per frame, and none while the terminal does not take
 * bytes. Repeated keys and a burst of snapshots thus become one commit, and a stuck terminal costs no memory.
 */
export interface FrameGate<State> {
  offer(state: State): void;
  /** The terminal takes bytes again. */
  release(): void;
  close(): void;
}

export interface FrameGateOptions<State> {
  readonly frameMs: number;
  readonly isBlocked: () => boolean;
  readonly publish: (state: State) => void;
}

export function createFrameGate<State>(options: FrameGateOptions<State>): FrameGate<State> {
  let waiting: { readonly state: State } | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  function pass(): void {
    if (closed || waiting === null || timer !== null || options.isBlocked()) return;
    const { state } = waiting;
    waiting = null;
    timer = setTimeout(() => {
      timer = null;
      pass();
    }, options.frameMs);
    options.publish(state);
  }

  return {
    offer(state) {
      waiting = { state };
      pass();
    },
    release: pass,
    close() {
      closed = true;
      waiting = null;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
