import { describe, expect, it } from "vitest";
import { promotionGrants } from "../../../../../src/drivers/mysql/commands/privileges.ts";
import { selectInspection } from "../../../../../src/drivers/mysql/dialects/inspecting.ts";
import { selectDialect } from "../../../../../src/drivers/mysql/dialects/select.ts";
import { findMissingGrants, parseGrants } from "../../../../../src/drivers/mysql/inspect/grants.ts";

const mariadb = [
  "GRANT `writers` TO `ops`@`%`",
  "GRANT SELECT, PROCESS, BINLOG MONITOR, SLAVE MONITOR ON *.* TO `ops`@`%` IDENTIFIED BY PASSWORD '*FA16'",
  "GRANT ALL PRIVILEGES ON `shop`.* TO `ops`@`%`",
  "GRANT READ_ONLY ADMIN ON *.* TO `writers`",
];

describe("Global privileges by SHOW GRANTS", () => {
  it("are those of the account and its active roles; those of one schema do not count", () => {
    const grants = parseGrants(mariadb);
    for (const name of ["PROCESS", "READ_ONLY ADMIN", "REPLICATION CLIENT", "REPLICA MONITOR"])
      expect(grants.has(name), name).toBe(true);
    for (const name of ["SUPER", "DELETE", "EVENT"]) expect(grants.has(name), name).toBe(false);
  });

  it("are all with ALL PRIVILEGES on everything", () => {
    expect(parseGrants(["GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION"]).has("EVENT")).toBe(true);
  });

  it("hold what SUPER includes on that version, and READ_ONLY ADMIN no more since MariaDB 10.11", () => {
    const lines = ["GRANT SUPER ON *.* TO 'ops'@'%'"];
    const with_ = (version: string) => parseGrants(lines, selectInspection("mariadb", version).superIncludes);
    expect(with_("10.6.16-MariaDB").has("READ_ONLY ADMIN")).toBe(true);
    expect(with_("10.11.6-MariaDB").has("READ_ONLY ADMIN")).toBe(false);
    expect(with_("10.11.6-MariaDB").has("CONNECTION ADMIN")).toBe(true);
    expect(with_("11.8.3-MariaDB").has("CONNECTION ADMIN")).toBe(false);
    const mysql = parseGrants(lines, selectInspection("mysql", "8.0.36").superIncludes);
    expect([mysql.has("SYSTEM_VARIABLES_ADMIN"), mysql.has("XA_RECOVER_ADMIN")]).toEqual([true, false]);
  });

  it("that lack are listed with the exact GRANT, several privileges of one statement together", () => {
    const needed = promotionGrants(selectDialect("mysql", "9.7.4"));
    const missing = findMissingGrants(parseGrants(["GRANT PROCESS ON *.* TO `v`@`10.%`"]), needed, "'v'@'10.%'");
    expect(missing).toContainEqual({
      statement: "KILL",
      kinds: ["clear-sessions"],
      grant: "GRANT CONNECTION_ADMIN ON *.* TO 'v'@'10.%';",
    });
    expect(missing.map(({ statement }) => statement)).not.toContain("process list");
    const two = [{ statement: "x", privilege: "PROCESS, EVENT", kinds: [] }];
    expect(findMissingGrants(parseGrants(["GRANT PROCESS ON *.* TO `v`@`%`"]), two, "'v'@'%'")).toHaveLength(1);
  });
});
