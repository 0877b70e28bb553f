/** Authentication plugins: what the client library lacks, and words for those nobody here speaks. */
import type { AuthPlugin } from "mysql2";
import type { FailureKind } from "../../../model/reading.ts";
import { signWithPassword } from "./ed25519.ts";

const challengeBytes = 32;

/** Plugins besides those of mysql2 (mysql_native_password, sha256_password, caching_sha2_password). */
export function buildAuthPlugins(password: string): { readonly [plugin: string]: AuthPlugin } {
  return {
    client_ed25519: () => (data) =>
      password === "" ? Buffer.alloc(0) : signWithPassword(password, data.subarray(0, challengeBytes)),
  };
}

const reasons: Readonly<Record<string, string>> = {
  dialog: "PAM",
  auth_gssapi_client: "Kerberos",
  authentication_kerberos_client: "Kerberos",
  authentication_ldap_sasl_client: "LDAP",
  authentication_oci_client: "Oracle Cloud",
  authentication_openid_connect_client: "OpenID Connect",
  authentication_webauthn_client: "a security key",
  authentication_fido_client: "a security key",
  mysql_old_password: "passwords as before MySQL 4.1",
  mysql_clear_password: "the password in clear text, as PAM and LDAP do",
};

/** Null where the login did not end for want of a plugin. */
export function explainPlugin(error: { readonly code: string | null; readonly message: string }): {
  readonly kind: FailureKind;
  readonly what: string;
  readonly advice: string;
} | null {
  const plugin =
    error.code === "MYSQL_CLEAR_PASSWORD_NOT_ENABLED"
      ? "mysql_clear_password"
      : (/using unknown plugin ([\w.-]+?)\.? /.exec(error.message)?.[1] ?? null);
  if (plugin === null) return null;
  const meaning = Object.hasOwn(reasons, plugin) ? ` (${reasons[plugin]})` : "";
  return {
    kind: "auth",
    what: `the account logs in with the plugin ${plugin}${meaning}, which signalbox does not speak`,
    advice:
      "Give signalbox an account with caching_sha2_password (MySQL 8 and later), ed25519 or mysql_native_password (MariaDB).",
  };
}
