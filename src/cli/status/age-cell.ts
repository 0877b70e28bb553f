import type { Reading } from "../../model/reading.ts";
import { formatSpan } from "./figures.ts";
import { type Cell, cell } from "./table.ts";

/** An age that says whether it is the age of the present. */
export function ageCell(state: Reading<unknown>["state"], spanMs: number | null): Cell {
  switch (state) {
    case "fresh":
      return cell(formatSpan(spanMs), "dim");
    case "stale":
      return cell(`${formatSpan(spanMs)} STALE`, "warning");
    case "failed":
      return cell("NO ANSWER", "critical");
    case "never":
      return cell("NOT ASKED", "unknown");
  }
}
