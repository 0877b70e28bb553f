/**
 * Tells when a panel has reached the terminal. What was typed up to the moment in which the frame is written is read first, so that it
 * is known to have come before; all that is read later was typed with the panel in sight.
 */
import type { StoreApi } from "zustand/vanilla";
import { selectPanelKey } from "./state/confirm.ts";
import type { ConsoleState } from "./state/state.ts";
import type { Terminal } from "./terminal.ts";

export interface PaintWatch {
  /** Right before Ink writes. */
  readonly onWrite: () => void;
  /** Ink has written a frame that shows the newest of the frames. */
  readonly onFrame: () => void;
}

export interface PaintWatchOptions {
  /** States as they are handed to Ink. */
  readonly frames: StoreApi<ConsoleState>;
  readonly terminal: Pick<Terminal, "isBlocked" | "takePending" | "tellTaken">;
  readonly stdout: NodeJS.WriteStream;
  readonly onPainted: (panelKey: string) => void;
}

export function createPaintWatch({ frames, terminal, stdout, onPainted }: PaintWatchOptions): PaintWatch {
  /** The last one that was told: the frames learn of it later. */
  let told: string | null = null;
  let isUpToDate = false;

  function selectUnpainted(): string | null {
    const key = selectPanelKey(frames.getState());
    return key === told ? null : key;
  }

  function tell(key: string, wasRead: boolean): void {
    // Outside of Ink's commit, but before anything more is read.
    if (wasRead) queueMicrotask(() => finish(key));
    // Node looks at its descriptors once per turn: the second turn comes behind every byte that was there before.
    else setImmediate(() => setImmediate(() => finish(key)));
  }

  function finish(key: string): void {
    terminal.tellTaken();
    onPainted(key);
  }

  return {
    onWrite() {
      if (selectUnpainted() !== null) isUpToDate = terminal.takePending();
    },
    onFrame() {
      const key = selectUnpainted();
      if (key === null) return;
      told = key;
      if (terminal.isBlocked) stdout.once("drain", () => tell(key, terminal.takePending()));
      else tell(key, isUpToDate);
    },
  };
}
