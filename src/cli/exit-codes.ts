/** Exit codes that every command shares; those of health are in model/status-view.ts. 64, 70 and 78 are those of sysexits.h. */
export const EXIT = {
  ok: 0,
  usage: 64,
  /** A defect of ours. */
  internal: 70,
  config: 78,
  interrupted: 130,
} as const;
