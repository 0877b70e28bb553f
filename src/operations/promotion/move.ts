/** What all steps of plans that move writes are made of. */
import type { Fact, PlanSection } from "../../model/operation.ts";
import type { StepDraft } from "../commands/command.ts";

/** A step that has no place in the order yet. */
export type Move = Omit<StepDraft, "group">;

/** PROMOTION.md, "Undo order": HAProxy last, so that clients meet a server they can write to. */
export const UNDO_RANK = {
  replication: 1,
  semiSync: 2,
  readOnly: 3,
  events: 4,
  oldServer: 5,
  otherServers: 6,
  /** A node that was found writable and not in use goes back last of all. */
  foundWritable: 7,
  applier: 8,
} as const;

/**
 * Bounds of PROMOTION.md §2.2 in milliseconds. `leave`: a MySQL server whose source died in the middle of a transaction waits a minute for the
 * rest of it before it stops its parallel applier (measured on 9.7).
 */
export const BOUNDS = { clear: 5000, follow: 15_000, stop: 15_000, leave: 75_000, cut: 2000 } as const;

export const goOn = (move: Move): Move => ({ ...move, onFailure: "go-on" });
export const inSection = (section: PlanSection, move: Move): Move => ({ ...move, section });

export const isWritable = (node: string, is: boolean): Fact => ({ kind: "writable", node, is });
