/** The lines of a `listen`, `backend`, `frontend` or `defaults` section, gathered one after the other. */
import type { ConfigCheck, ConfigProxy } from "./config.ts";
import { NO_OPTIONS, parseServer, type ServerOptions, takeOptions } from "./server-line.ts";

/** What a section says and inherits; `defaults` sections hand theirs on. */
export interface Section extends Omit<ConfigProxy, "kind" | "name"> {
  readonly defaultServer: ServerOptions;
}

export const EMPTY_SECTION: Section = {
  mode: "tcp",
  balance: null,
  check: "connect",
  checkUser: null,
  allBackups: false,
  sticks: false,
  stateFrom: "none",
  disabled: false,
  defaultBackend: null,
  binds: [],
  servers: [],
  hasTemplates: false,
  defaultServer: NO_OPTIONS,
};

/** A new section: the settings of its defaults, and no server, address or stickiness of its own yet. */
export const inherit = (defaults: Section): Section => ({
  ...defaults,
  binds: [],
  servers: [],
  sticks: false,
  hasTemplates: false,
});

const CHECKS: Readonly<Record<string, ConfigCheck>> = {
  "mysql-check": "mysql",
  "tcp-check": "tcp",
  "external-check": "external",
  httpchk: "http",
  "redis-check": "other",
  "pgsql-check": "other",
  "ldap-check": "other",
  smtpchk: "other",
  "ssl-hello-chk": "other",
  "spop-check": "other",
};

type Take = (section: Section, words: readonly string[]) => Section;

const KEYWORDS: Readonly<Record<string, Take>> = {
  mode: (section, [mode]) => ({ ...section, mode: mode ?? section.mode }),
  balance: (section, [balance]) => ({ ...section, balance: balance ?? null }),
  bind: (section, [address]) =>
    address === undefined ? section : { ...section, binds: [...section.binds, ...address.split(",")] },
  disabled: (section) => ({ ...section, disabled: true }),
  enabled: (section) => ({ ...section, disabled: false }),
  default_backend: (section, [name]) => ({ ...section, defaultBackend: name ?? null }),
  option: takeOption,
  stick: (section) => ({ ...section, sticks: true }),
  "load-server-state-from-file": (section, [from]) => ({
    ...section,
    stateFrom: from === "global" || from === "local" ? from : "none",
  }),
  "default-server": (section, words) => ({ ...section, defaultServer: takeOptions(section.defaultServer, words) }),
  server: (section, words) => {
    const server = parseServer(words, section.defaultServer);
    return server === null ? section : { ...section, servers: [...section.servers, server] };
  },
  "server-template": (section) => ({ ...section, hasTemplates: true }),
};

/** One line of a section; what is not known is passed over. */
export function takeLine(section: Section, words: readonly string[]): Section {
  const [keyword = "", ...rest] = words;
  if (keyword === "no") return rest[0] === "option" ? withoutOption(section, rest[1] ?? "") : section;
  return KEYWORDS[keyword]?.(section, rest) ?? section;
}

function takeOption(section: Section, [option = "", ...rest]: readonly string[]): Section {
  if (option === "allbackups") return { ...section, allBackups: true };
  const check = CHECKS[option];
  if (check === undefined) return section;
  const at = rest.indexOf("user");
  return { ...section, check, checkUser: check === "mysql" && at >= 0 ? (rest[at + 1] ?? null) : null };
}

function withoutOption(section: Section, option: string): Section {
  if (option === "allbackups") return { ...section, allBackups: false };
  return CHECKS[option] === undefined ? section : { ...section, check: "connect", checkUser: null };
}
