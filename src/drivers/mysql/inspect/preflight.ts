/** The parts of a preflight, one after the other on one connection. What fails alone is null, with a problem. */
import type { NodePreflight } from "../../../model/preflight.ts";
import type { Asking } from "../asking.ts";
import { promotionGrants } from "../commands/privileges.ts";
import { selectInspection } from "../dialects/inspecting.ts";
import { type Account, readAccounts, readPrivilegedSessions, selectBypass, selectPrivileged } from "./accounts.ts";
import { readBinlogFiles, readBinlogFilters, readOldestGtid } from "./binlog.ts";
import { readEvents } from "./events.ts";
import { findMissingGrants, readGrants } from "./grants.ts";
import {
  describeCompared,
  describeScheduler,
  describeSkipStart,
  readFreeConnections,
  readSettings,
  type Settings,
} from "./settings.ts";
import { readStuckCommits } from "./stuck-commits.ts";
import {
  canPersist,
  readHasStoredPassword,
  readPersistedReadOnly,
  readRefusedKinds,
  readRivals,
} from "./surroundings.ts";
import { readWork } from "./work.ts";
import { readPreparedXa } from "./xa.ts";

export async function readPreflight(asking: Asking): Promise<NodePreflight> {
  const { identity, dialect } = asking.login;
  const { superIncludes } = selectInspection(identity.flavor, identity.version);
  const settings = await readSettings(asking);
  const grants = await readGrants(asking, superIncludes);
  const work = await readWork(asking, grants);
  const { accounts, ...privileged } = await readPrivileged(asking, settings);
  const binlogFiles = await readBinlogFiles(asking);
  return {
    settings: settings === null ? null : describeCompared(settings),
    work,
    preparedXa: await readPreparedXa(asking, grants),
    stuckCommits: await readStuckCommits(asking),
    ...privileged,
    eventScheduler: settings === null ? null : describeScheduler(settings),
    events: await readEvents(asking, grants),
    binlogFilters: await readBinlogFilters(asking),
    oldestBinlogGtid: await readOldestGtid(asking, binlogFiles),
    binlogFiles,
    hasStoredReplicationPassword: await readHasStoredPassword(asking),
    canPersist: canPersist(asking),
    persistedReadOnly: await readPersistedReadOnly(asking),
    skipReplicaStart: settings === null ? null : describeSkipStart(settings),
    freeConnections: settings === null ? null : await readFreeConnections(asking, settings),
    missingGrants: grants === null ? null : findMissingGrants(grants, promotionGrants(dialect), identity.account),
    rivals: await readRivals(asking),
    refusedKinds: await readRefusedKinds(asking, settings, accounts),
    problems: asking.problems,
  };
}

interface Privileged extends Pick<NodePreflight, "privilegedAccounts" | "privilegedSessions"> {
  readonly accounts: readonly Account[] | null;
}

/** Where nobody can write through read-only, accounts that may not be seen are no problem. */
async function readPrivileged(asking: Asking, settings: Settings | null): Promise<Privileged> {
  const bypass = settings === null ? null : selectBypass(asking, settings);
  const nobody = bypass !== null && bypass.length === 0;
  const accounts = await readAccounts(nobody ? { ...asking, problems: [] } : asking, bypass ?? []);
  if (nobody) return { accounts, privilegedAccounts: [], privilegedSessions: [] };
  if (bypass === null || accounts === null) return { accounts, privilegedAccounts: null, privilegedSessions: null };
  return {
    accounts,
    privilegedAccounts: selectPrivileged(accounts, asking.login.identity.account),
    privilegedSessions: await readPrivilegedSessions(asking, accounts),
  };
}
