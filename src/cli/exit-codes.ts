/** Exit codes that every command shares; those of health are in model/status-view.ts. 64, 70, 74 and 78 are those of sysexits.h. */
export const EXIT = {
  ok: 0,
  /** A guard said no, or nothing could be begun: nothing was changed. */
  refused: 4,
  /** Failed, and every change was taken back. */
  rolledBack: 5,
  /** Failed, and something is changed still: resume or undo. */
  unfinished: 6,
  usage: 64,
  /** A defect of ours. */
  internal: 70,
  /** The result could not be written where it was to go: the disk is full. */
  notWritten: 74,
  config: 78,
  interrupted: 130,
} as const;
