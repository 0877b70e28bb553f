import { expect, test } from "vitest";
import { parseChannelTls } from "../../../../../src/drivers/mysql/writing/channel-tls.ts";

const row = (values: Readonly<Record<string, string>>) => new Map(Object.entries(values));

test("an encrypted channel is repeated in the words of its server, with its files and its checking", () => {
  const status = row({
    Master_SSL_Allowed: "Yes",
    Master_SSL_CA_File: "/etc/o'ca.pem",
    Master_SSL_Cert: "",
    Master_SSL_Verify_Server_Cert: "No",
  });
  expect(parseChannelTls(status, "MASTER")).toEqual([
    "MASTER_SSL=1",
    "MASTER_SSL_VERIFY_SERVER_CERT=0",
    "MASTER_SSL_CA='/etc/o''ca.pem'",
  ]);
  const renamed = row({
    Source_SSL_Allowed: "Yes",
    Source_SSL_Verify_Server_Cert: "Yes",
    Source_TLS_Version: "TLSv1.3",
  });
  expect(parseChannelTls(renamed, "SOURCE")).toEqual([
    "SOURCE_SSL=1",
    "SOURCE_SSL_VERIFY_SERVER_CERT=1",
    "SOURCE_TLS_VERSION='TLSv1.3'",
  ]);
});

test("one that is not encrypted gives none, and what cannot be repeated for certain is left to the server", () => {
  expect(parseChannelTls(row({ Master_SSL_Allowed: "No", Master_SSL_CA_File: "/ca.pem" }), "MASTER")).toEqual([]);
  expect(parseChannelTls(row({ Master_SSL_Allowed: "Yes", Master_SSL_CA_File: "C:\\ca.pem" }), "MASTER")).toEqual([
    "MASTER_SSL=1",
  ]);
});
