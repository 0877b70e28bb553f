import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFrameGate } from "../../../src/ui/frame-gate.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function create() {
  const shown: number[] = [];
  const terminal = { blocked: false };
  const gate = createFrameGate<number>({
    frameMs: 66,
    isBlocked: () => terminal.blocked,
    publish: (state) => void shown.push(state),
  });
  return { shown, terminal, gate };
}

describe("the frame gate", () => {
  it("lets the first state through at once and folds what follows within a frame into one", () => {
    const { shown, gate } = create();
    for (let state = 1; state <= 20; state++) gate.offer(state);
    expect(shown).toEqual([1]);
    vi.advanceTimersByTime(66);
    expect(shown).toEqual([1, 20]);
    vi.advanceTimersByTime(1_000);
    expect(shown).toEqual([1, 20]);
  });

  it("holds everything while the terminal does not read, and shows the newest when it does", () => {
    const { shown, gate, terminal } = create();
    terminal.blocked = true;
    gate.offer(1);
    gate.offer(2);
    vi.advanceTimersByTime(1_000);
    expect(shown).toEqual([]);
    terminal.blocked = false;
    gate.release();
    expect(shown).toEqual([2]);
  });

  it("shows nothing once closed", () => {
    const { shown, gate } = create();
    gate.offer(1);
    gate.offer(2);
    gate.close();
    vi.advanceTimersByTime(1_000);
    expect(shown).toEqual([1]);
  });
});
