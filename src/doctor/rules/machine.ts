/** Rules about the machine signalbox runs on: terminal, files, journal. */
import { splitWarning } from "../../model/warning.ts";
import type { MachineFacts } from "../facts.ts";
import type { DoctorRule, Found } from "../finding.ts";

const terminal: DoctorRule<MachineFacts> = {
  code: "terminal",
  severity: "warning",
  title: "The terminal cannot show the console well",
  explains:
    "TERM is unset or dumb, the locale is not UTF-8 (signs become ASCII), the terminal is smaller than 80×24, or has few colours. Only looked at on a terminal.",
  breaks: ["console"],
  evaluate: ({ terminal: facts }) => {
    if (facts === null) return [];
    const { term, columns, rows, least } = facts;
    const found: Found[] = [];
    const add = (severity: "warning" | "info", message: string, fix: string) =>
      found.push({ severity, subject: "terminal", message, fix });
    if (term === "" || term === "dumb") {
      add(
        "warning",
        `TERM is ${term === "" ? "not set" : "dumb"}: the console cannot draw.`,
        "export TERM=xterm-256color",
      );
    } else if (!facts.manyColors) {
      add(
        "info",
        `TERM ${term} tells of few colours; signs and words say the same.`,
        "export TERM=xterm-256color, or use --theme mono",
      );
    }
    if (columns < least.columns || rows < least.rows) {
      add(
        "warning",
        `The terminal has ${columns}×${rows}; the console needs ${least.columns}×${least.rows}.`,
        "Make it larger; 80×24 shows everything that matters.",
      );
    } else if (columns < 80 || rows < 24) {
      add(
        "info",
        `The terminal has ${columns}×${rows}; below 80×24 columns and alerts are left out.`,
        "Make it larger.",
      );
    }
    if (!facts.utf8) add("info", "The locale is not UTF-8: signs are drawn in ASCII.", "export LC_ALL=C.UTF-8");
    return found;
  },
};

const stateDir: DoctorRule<MachineFacts> = {
  code: "state-dir",
  severity: "critical",
  title: "The journal cannot be written",
  explains:
    "Every step is written to the journal before it is sent: without a folder that can be written, nothing that changes anything is begun. A folder that others can look into is a warning.",
  breaks: ["drain", "maint", "ready", "weight", "replica", "promote", "rejoin", "undo", "resume"],
  evaluate: ({ stateDir: { path, mode, problem } }) => {
    if (problem !== null)
      return [
        {
          subject: path,
          message: `The journal cannot be written to ${path}: ${problem}.`,
          fix: `mkdir -p -m 700 ${path}, or set SIGNALBOX_STATE_DIR to a folder of your own.`,
        },
      ];
    if (mode === null || (mode & 0o077) === 0) return [];
    const message = `${path} is open to others (mode ${(mode & 0o777).toString(8)}): they can read what was done and how.`;
    return [{ severity: "warning", subject: path, message, breaks: [], fix: `chmod 700 ${path}` }];
  },
};

/** Texts of the configuration that are about who can read a file. */
const PERMISSION = /\bchmod\b/;

function describeWarning(warning: string): Found {
  const { message, fix } = splitWarning(warning);
  return { subject: "configuration", message: `${message}.`, fix: fix ?? "See docs/configuration.md." };
}

const secrets: DoctorRule<MachineFacts> = {
  code: "secret-readable",
  severity: "warning",
  title: "A password can be read by others",
  explains:
    "A file that holds a password (the configuration, a password file, an option file) can be read by everyone on this machine.",
  breaks: [],
  evaluate: ({ warnings }) => warnings.filter((warning) => PERMISSION.test(warning)).map(describeWarning),
};

const writableConfig: DoctorRule<MachineFacts> = {
  code: "config-writable",
  severity: "warning",
  title: "The configuration can be changed by others",
  explains:
    "Whoever can write the configuration file decides which servers are changed, and which commands run as you (password_command, hooks).",
  breaks: [],
  evaluate: ({ configFile }) => {
    if (configFile === null || (configFile.mode & 0o022) === 0) return [];
    const { path, mode } = configFile;
    return [
      {
        subject: path,
        message: `${path} can be written by others (mode ${(mode & 0o777).toString(8)}): its commands run as you.`,
        fix: `chmod go-w ${path}`,
      },
    ];
  },
};

const other: DoctorRule<MachineFacts> = {
  code: "config-warning",
  severity: "info",
  title: "The configuration warns",
  explains: "Something about the configuration or the command line that works, but not as well as it could.",
  breaks: [],
  evaluate: ({ warnings }) => warnings.filter((warning) => !PERMISSION.test(warning)).map(describeWarning),
};

export const MACHINE_RULES: readonly DoctorRule<MachineFacts>[] = [stateDir, secrets, writableConfig, terminal, other];
