/** Coordinates that steps read while the plan runs: put into the statements that need them, kept, and compared. */
import type { MysqlSeen } from "../../drivers/contract.ts";
import type { Change, PositionSource } from "../../model/operation.ts";
import type { PositionRole, SourcePosition } from "../../model/source-position.ts";

export type Positions = ReadonlyMap<PositionRole, SourcePosition>;

export interface ResolvedChange {
  readonly change: Change;
  /** True where the text that is sent is only known now, and so cannot have been confirmed word by word. */
  readonly isLate: boolean;
}

/** The change with its coordinates; the role that is not known as `missing`, and nothing may be sent then. */
export function resolveValues(
  change: Change,
  positions: Positions,
): ResolvedChange | { readonly missing: PositionRole } {
  switch (change.kind) {
    case "wait-position":
    case "change-source": {
      const late = change.kind === "change-source" && change.login.kind !== "keep";
      if (change.position?.kind !== "role") return { change, isLate: late };
      const known = positions.get(change.position.role);
      if (known === undefined) return { missing: change.position.role };
      const position: PositionSource = { kind: "known", position: known };
      return { change: { ...change, position }, isLate: true };
    }
    // Made from what the node says at that moment.
    case "clear-sessions":
    case "drain-relay":
    case "gtid-position":
      return { change, isLate: true };
    default:
      return { change, isLate: false };
  }
}

export interface ValueJudgement {
  readonly holds: boolean;
  readonly words: string;
  /** To be kept under the role. */
  readonly value?: { readonly role: PositionRole; readonly position: SourcePosition };
}

/** What a change that is not about facts must have answered; null where it has nothing to tell. */
export function judgeValues(change: Change, seen: MysqlSeen | undefined, positions: Positions): ValueJudgement | null {
  switch (change.kind) {
    case "read-position": {
      const position = seen?.position;
      if (position === undefined || describePosition(position) === null) {
        return { holds: false, words: `${change.node} told no position` };
      }
      return { holds: true, words: describePosition(position) ?? "", value: { role: change.role, position } };
    }
    case "confirm-position":
      return judgeUnchanged(change, seen?.position, positions);
    case "enable-event":
      if (seen?.eventEnabled === undefined) return null;
      return { holds: seen.eventEnabled, words: `the event is ${seen.eventEnabled ? "enabled" : "not enabled"}` };
    case "persist-read-only": {
      if (seen?.persistedReadOnly === undefined) return null;
      const words = `${change.node} starts ${seen.persistedReadOnly ? "read-only" : "writable"}`;
      return { holds: seen.persistedReadOnly === change.on, words };
    }
    // The statement fails when it is not so.
    case "wait-position":
    case "drain-relay":
      return { holds: true, words: `${change.node} has applied it` };
    case "clear-sessions": {
      const cleared = seen?.cleared ?? [];
      return {
        holds: true,
        words: cleared.length === 0 ? "no session had to be ended" : `ended ${cleared.join(", ")}`,
      };
    }
    default:
      return null;
  }
}

function judgeUnchanged(
  { node, role }: Extract<Change, { readonly kind: "confirm-position" }>,
  now: SourcePosition | undefined,
  positions: Positions,
): ValueJudgement {
  const kept = positions.get(role);
  if (kept === undefined) return { holds: false, words: `no position of ${node} was read before` };
  if (now === undefined) return { holds: false, words: `${node} told no position` };
  const same = isSamePosition(kept, now);
  if (same === null) return { holds: false, words: `the positions of ${node} cannot be compared` };
  const [was, is] = [describePosition(kept), describePosition(now)];
  return same
    ? { holds: true, words: `still ${is}` }
    : { holds: false, words: `somebody wrote to ${node}: ${was} is now ${is}` };
}

const canonical = (gtid: string): string =>
  gtid
    .split(",")
    .map((part) => part.trim())
    .sort()
    .join(",");

/** Null: cannot be compared. A new file with the same transactions is only another log. */
export function isSamePosition(one: SourcePosition, other: SourcePosition): boolean | null {
  const isFile = one.file !== null && one.pos !== null && other.file !== null && other.pos !== null;
  const isMoved = isFile && one.file === other.file && one.pos !== other.pos;
  // MySQL may log transactions without a GTID; MariaDB gives every one of them one, and moves its log for checkpoints too.
  const isTold = one.gtid?.includes(":") !== true || !isMoved;
  if (one.gtid && other.gtid) return canonical(one.gtid) === canonical(other.gtid) && isTold;
  if (Boolean(one.gtid) !== Boolean(other.gtid)) return one.gtid === null || other.gtid === null ? null : false;
  return isFile ? one.file === other.file && one.pos === other.pos : null;
}

/** `0-1-4711` or `bin.000003:1234`; null when it says nothing. */
export function describePosition({ gtid, file, pos }: SourcePosition): string | null {
  if (gtid) return gtid;
  return file === null || pos === null ? null : `${file}:${pos}`;
}
