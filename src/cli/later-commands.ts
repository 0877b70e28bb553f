/** Commands of the interface that this version knows by name only. They leave this table when they are built. */
export const LATER_COMMANDS = ["record", "replay"] as const;

/** Commands that draw on a terminal and so need one, built or not. */
export const SCREEN_COMMANDS: readonly string[] = ["console", "demo"];
