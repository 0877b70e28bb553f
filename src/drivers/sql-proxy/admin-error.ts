/** Errors of an admin interface. Its error numbers cannot be taken at their word: ProxySQL says 1045 to whatever it does not like. */
import { SQL_PROXY_NAMES } from "../../model/sql-proxy.ts";
import { DriverError } from "../errors.ts";
import { mapError, parseRawError } from "../mysql/failure.ts";
import type { AdminEndpoint } from "./endpoint.ts";

const LOCAL_ONLY =
  "ProxySQL lets the user `admin` in from its own host only: reach it through SSH (`ssh:` of this entry), or add another user to admin-admin_credentials.";

/** Before the login is done. */
export function mapLoginError(error: unknown, { target, product }: AdminEndpoint): DriverError {
  if (error instanceof DriverError) return error;
  const { errno, message } = parseRawError(error);
  if (errno === null) return mapError(error, target, "connect");
  const isLocal = /only connect locally/i.test(message);
  const what = `${SQL_PROXY_NAMES[product]} refuses the login`;
  const advice = isLocal ? LOCAL_ONLY : "Check user and password of the admin interface; they are not those of MySQL.";
  return new DriverError({
    kind: "auth",
    target,
    operation: "connect",
    message: `${target}: connect: ${what} (${errno}: ${message})`,
    advice,
    serverCode: errno,
    cause: error,
  });
}

/** After it. A number of the server is a refusal of this statement, in its own words, whatever the number means elsewhere. */
export function mapStatementError(error: unknown, { target, product }: AdminEndpoint, sql: string): DriverError {
  if (error instanceof DriverError) return error;
  const { errno, message } = parseRawError(error);
  if (errno === null) return mapError(error, target, sql);
  return new DriverError({
    kind: "rejected",
    target,
    operation: sql,
    message: `${SQL_PROXY_NAMES[product]} refuses: ${message}`,
    serverCode: errno,
    cause: error,
  });
}
