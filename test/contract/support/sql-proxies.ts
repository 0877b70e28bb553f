/** Settings of a stand-in, and one call of a reader or writer on it. */
import { createHaproxyReader } from "../../../src/drivers/haproxy/reader.ts";
import { createHaproxyWriter } from "../../../src/drivers/haproxy/writer.ts";
import type { HaproxyReport } from "../../../src/model/haproxy.ts";
import type { HaproxySettings, SqlProxyProduct } from "../../../src/model/settings.ts";
import type { AdminServer } from "../../lab/sql-proxies/admin-server.ts";

export function buildSettings(product: SqlProxyProduct, { port, account }: AdminServer): HaproxySettings {
  const { user, password } = account;
  return {
    name: "px1",
    location: { kind: "sql-admin", product, host: "127.0.0.1", port, user, password: { secret: password }, ssh: null },
  };
}

export function boundsOf(timeoutMs = 3000) {
  return { signal: new AbortController().signal, timeoutMs };
}

export async function readOnce(settings: HaproxySettings, timeoutMs?: number): Promise<HaproxyReport> {
  const reader = createHaproxyReader(settings);
  try {
    return await reader.poll(boundsOf(timeoutMs));
  } finally {
    await reader.close();
  }
}

export type BareChange =
  | { readonly kind: "server-state"; readonly state: "ready" | "drain" | "maint" }
  | { readonly kind: "server-weight"; readonly weight: number }
  | { readonly kind: "shutdown-sessions" };

/** @param name `backend/server` */
export function changeOn(
  settings: HaproxySettings,
  name: string,
  bare: BareChange,
  options: { readonly expectedCommand?: string; readonly timeoutMs?: number } = {},
) {
  const [backend = "", server = ""] = name.split("/");
  const { expectedCommand = null, timeoutMs } = options;
  return createHaproxyWriter(settings).change(
    { haproxy: settings.name, backend, server, ...bare },
    { expectedPid: null, expectedCommand, ...boundsOf(timeoutMs) },
  );
}
