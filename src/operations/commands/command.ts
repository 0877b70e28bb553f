/** What a command is to the engine: how much it wants to be asked for, and a pure function that drafts its plan. Keys, titles and words of the palette are the console's (`ui/act`). */
import type {
  Change,
  CommandId,
  CommandRequest,
  Fact,
  Plan,
  PlanStep,
  PlanTarget,
  StepUndo,
  WatchedServer,
} from "../../model/operation.ts";
import type { PreflightFacts } from "../../model/preflight.ts";
import type { EpochMs } from "../../model/reading.ts";
import type { ClusterSettings } from "../../model/settings.ts";
import type { OperationRecord } from "../journal/record.ts";
import type { ClusterView } from "../view.ts";

/** Numbers of `needs` are those of the drafts in order, beginning with 1. */
export interface StepDraft extends Pick<PlanStep, "section" | "noReturn" | "onFailure" | "needs" | "limitMs"> {
  readonly group: number;
  readonly title: string;
  readonly target: PlanTarget;
  readonly change: Change;
  readonly before: readonly Fact[];
  readonly after: readonly Fact[];
  readonly undo: Omit<StepUndo, "command"> | null;
  readonly rescue?: readonly { readonly change: Change; readonly after: readonly Fact[] }[];
  readonly found: string;
  /** True when an earlier run did it and it still holds (resume). */
  readonly doneBefore?: boolean;
}

export interface PlanDraft {
  readonly title: string;
  readonly confirmWord: string;
  readonly steps: readonly StepDraft[];
  readonly notes: readonly string[];
  readonly watch: readonly WatchedServer[];
  /** The operation it takes back. */
  readonly concerns?: string | null;
  /** The operation it carries on. */
  readonly carriesOn?: string;
  /** Steps of the operation that `undo` found to have been changed by somebody since. */
  readonly changedSince?: readonly { readonly subject: string; readonly message: string }[];
  /** For `resume`: the request that is carried on. */
  readonly request?: CommandRequest;
  readonly uncounted?: Plan["uncounted"];
  readonly promotion?: Plan["promotion"];
  readonly positions?: Plan["positions"];
}

export interface DraftInput {
  readonly request: CommandRequest;
  readonly view: ClusterView;
  readonly now: EpochMs;
  /** The journal entry that undo or resume are about. */
  readonly record: OperationRecord | null;
  readonly settings: ClusterSettings;
  /** What promotion and rejoin ask beside the snapshot; null for all other commands. */
  readonly preflight: PreflightFacts | null;
}

export interface Command {
  readonly id: CommandId;
  /** Reversible ones run on `y`; disruptive ones after a name is typed. */
  readonly danger: "reversible" | "disruptive";
  /** @throws TargetError, RequestError */
  readonly draft: (input: DraftInput) => PlanDraft;
}
