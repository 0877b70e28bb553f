/** What the man page says that no table of the program says. test/unit/build/man-page.test.ts compares it with the sources. */

type Rows = readonly (readonly [what: string, about: string])[];

export const ENVIRONMENT: Rows = [
  ["SIGNALBOX_CONFIG", "configuration file where --config names none"],
  ["SIGNALBOX_MYSQL_USER", "account on the nodes where the configuration names none"],
  ["SIGNALBOX_MYSQL_PASSWORD", "its password where the configuration names none"],
  ["SIGNALBOX_STATE_DIR", "folder of the journal of operations, and of recordings"],
  ["SIGNALBOX_DEBUG", "prints a stack trace with an internal error"],
  ["MYSQL_TEST_LOGIN_FILE", "file of login paths instead of ~/.mylogin.cnf"],
  ["XDG_CONFIG_HOME", "folder of configurations instead of ~/.config"],
  ["XDG_STATE_HOME", "folder of state instead of ~/.local/state"],
  ["SSH_AUTH_SOCK", "socket of the SSH agent"],
  ["NO_COLOR", "no colour, like --no-color"],
  ["CI", "no tour is offered in the demo"],
  ["HOME, USER, LOGNAME, SUDO_USER", "whose configuration is read, and who is named in the journal"],
  ["TERM, COLORTERM, TMUX, LANG, LC_ALL, LC_CTYPE", "what the terminal can show"],
];

export const FILES: Rows = [
  ["./signalbox.yaml", "configuration, looked for first"],
  ["$XDG_CONFIG_HOME/signalbox/config.yaml", "configuration, looked for second; ~/.config without XDG_CONFIG_HOME"],
  ["/etc/signalbox/config.yaml", "configuration, looked for last"],
  ["$XDG_CONFIG_HOME/signalbox/themes", "themes of your own"],
  [
    "$XDG_STATE_HOME/signalbox/operations",
    "journal of operations, one file each; ~/.local/state without XDG_STATE_HOME",
  ],
  ["$XDG_STATE_HOME/signalbox/recordings", "what v, b and :report of the console save, and its crash reports"],
  [
    "~/.ssh/config, ~/.ssh/known_hosts",
    "how hosts are reached through SSH, and their keys; a key that is not known there is refused",
  ],
  ["~/.mylogin.cnf", "login paths of the MySQL programs, where the configuration names one"],
];

export const EXIT_STATUS: Rows = [
  ["0", "healthy (status, doctor); done and verified (commands that change something)"],
  ["1", "warning (status, doctor)"],
  ["2", "critical (status, doctor)"],
  ["3", "cannot tell (status, doctor)"],
  ["4", "refused: a guard said no or nothing could be begun; nothing was changed"],
  ["5", "failed, and every change was taken back"],
  ["6", "failed, and something is changed still: resume or undo"],
  ["64", "wrong usage, or no terminal where one is needed"],
  ["70", "internal error"],
  ["74", "what was to be printed, or recorded, found no room"],
  ["78", "configuration: one line per problem, with file, line and column"],
  ["130", "interrupted"],
];
