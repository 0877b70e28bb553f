/** Whether a fact holds. */
export interface FactFinding {
  readonly holds: "true" | "false" | "unknown";
  /** `read_nodes/db2 is drain on lb1`. */
  readonly now: string;
}
