/** The sessions of a writer: the statements of commands/ and lock.ts, and what is read around them. Nothing else passes. */
import { assertReadsOnly } from "./reading-only.ts";
import type { SessionKind } from "./session-kind.ts";

const quoted = "'(?:[^'\\\\]|'')*'";
/** Backslashes only doubled, so that they can end no text. */
const password = "'(?:[^'\\\\]|''|\\\\\\\\)*'";
const name = "`(?:[^`\\x00-\\x1f]|``)*`";
const word = "(?:MASTER|SOURCE)";
const option = [
  `${word}_(?:HOST|USER|LOG_FILE)=${quoted}`,
  `${word}_PASSWORD=${password}`,
  `${word}_(?:PORT|LOG_POS)=\\d+`,
  `${word}_AUTO_POSITION=[01]`,
  "MASTER_USE_GTID=(?:slave_pos|no)",
  `GET_${word}_PUBLIC_KEY=[01]`,
  `${word}_(?:SSL|TLS|PUBLIC_KEY_PATH)[A-Z_]*=(?:[01]|${quoted})`,
].join("|");

const changes: readonly RegExp[] = [
  new RegExp(`^(START|STOP) (SLAVE|REPLICA)( ${quoted})?( (IO|SQL)_THREAD)?( FOR CHANNEL ${quoted})?$`),
  new RegExp(`^RESET (SLAVE|REPLICA)( ${quoted})? ALL( FOR CHANNEL ${quoted})?$`),
  // Never without the name of a channel: it would mean all of them.
  new RegExp(`^RESET (SLAVE|REPLICA) FOR CHANNEL ${quoted}$`),
  new RegExp(
    `^CHANGE (MASTER|REPLICATION SOURCE)( ${quoted})? TO (${option})(, (${option}))*( FOR CHANNEL ${quoted})?$`,
  ),
  /^SET GLOBAL gtid_slave_pos='[0-9,-]*'$/,
  /^SET GLOBAL (super_)?read_only=[01](, GLOBAL (super_)?read_only=[01])?$/,
  /^SET PERSIST (read_only=1, PERSIST super_read_only=1|super_read_only=0, PERSIST read_only=0)$/,
  /^SET GLOBAL event_scheduler=(ON|OFF)$/,
  /^SET GLOBAL rpl_semi_sync_(master|source)_enabled=[01]$/,
  /^SET GLOBAL (slave|replica)_checkpoint_period=[1-9]\d*$/,
  new RegExp(`^ALTER DEFINER=${name}@${name} EVENT ${name}\\.${name} ENABLE$`),
  /^(FLUSH LOCAL TABLES WITH READ LOCK|UNLOCK TABLES)$/,
  /^KILL [1-9]\d*$/,
  // Whole, because a log file may be called "into".
  new RegExp(`^SELECT ${word}_POS_WAIT\\(${quoted}, \\d+, \\d+(, ${quoted})?\\) AS \\w+$`),
  // By name here, because a cluster may be called "into".
  /^SELECT (GET_LOCK\('[A-Za-z0-9_.:-]+', \d+\)|RELEASE_LOCK\('[A-Za-z0-9_.:-]+'\)|IS_USED_LOCK\('[A-Za-z0-9_.:-]+'\)) AS /,
];

const ends: readonly RegExp[] = [/^KILL (QUERY )?[1-9]\d*$/];

function buildKind(forms: readonly RegExp[]): SessionKind {
  return {
    batches: false,
    assertMaySend: (sql) => {
      if (!forms.some((form) => form.test(sql))) assertReadsOnly(sql);
    },
    settingsOf: ({ writing }) => writing.sessionSettings,
  };
}

export const writingSession: SessionKind = buildKind(changes);

/** Looks at other sessions and ends them, or what the writer's own one is in. */
export const killingSession: SessionKind = buildKind(ends);
