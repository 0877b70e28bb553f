/** The wall screen in Ink: one row per line, and nothing else. */
import { Box, type SuspendTerminal, useApp } from "ink";
import { useEffect } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import { Row } from "../components/row.tsx";

export interface WallFrame {
  readonly columns: number;
  /** Painted, one per row of the terminal. */
  readonly lines: readonly string[];
}

export interface WallProps {
  readonly frames: StoreApi<WallFrame>;
  readonly onMounted: (suspendTerminal: SuspendTerminal) => void;
}

export function Wall({ frames, onMounted }: WallProps) {
  const { columns, lines } = useStore(frames);
  const { suspendTerminal } = useApp();
  useEffect(() => onMounted(suspendTerminal), [onMounted, suspendTerminal]);
  return (
    <Box flexDirection="column" width={columns} height={lines.length}>
      {lines.map((text, index) => (
        <Row key={String(index)} text={text} />
      ))}
    </Box>
  );
}
