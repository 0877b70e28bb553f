/** The last that is written to a disk. One that hangs keeps nobody in the program. */
import { systemClock } from "../../monitor/clock.ts";
import { settledWithin } from "../../monitor/within.ts";

/** Longest wait for the disk when the program ends, or has failed. */
const WRITE_WITHIN_MS = 3_000;

/** True when the work has ended in time, well or not. Never rejects. */
export async function endsInTime(work: Promise<unknown>): Promise<boolean> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  await settledWithin(systemClock, WRITE_WITHIN_MS, work.then(over, over));
  return isOver;
}
