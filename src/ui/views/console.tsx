/** Root of the tree: turns the newest frame into a screen, and lends Ink's hold on the terminal to the program around it. */
import { type SuspendTerminal, useApp } from "ink";
import { useEffect } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import { selectScreen } from "../selectors/screen.ts";
import type { ConsoleState } from "../state/state.ts";
import { Screen } from "./screen.tsx";

export interface ConsoleProps {
  /** States that may be drawn: at most one per frame. */
  readonly frames: StoreApi<ConsoleState>;
  readonly onMounted: (suspendTerminal: SuspendTerminal) => void;
}

export function Console({ frames, onMounted }: ConsoleProps) {
  const state = useStore(frames);
  const { suspendTerminal } = useApp();
  useEffect(() => onMounted(suspendTerminal), [onMounted, suspendTerminal]);
  const { themeName, color, colorDepth, themes, unicode } = state;
  return (
    <Screen
      model={selectScreen(state)}
      themeName={themeName}
      color={color}
      colorDepth={colorDepth}
      themes={themes}
      unicode={unicode}
    />
  );
}
