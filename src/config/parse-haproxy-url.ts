/** Where a HAProxy is asked: `unix://`, `tcp://`, `ssh://` for its socket, `http(s)://` for its stats page. */
import type { HaproxyLocation } from "../model/settings.ts";
import { parseAddress, parseHost, parsePort } from "./parse-address.ts";
import { TextError } from "./text-error.ts";

const FORMS = "write unix:///path, tcp://host:port, ssh://user@host/path or http://host:port/path";

/** The location a URL names. A password in it becomes a Secret; no error text repeats it. @throws TextError */
export function parseHaproxyUrl(text: string): HaproxyLocation {
  const url = text.trim();
  if (url.startsWith("/")) return { kind: "unix", path: url };
  const match = /^([a-z]+):\/\/(.*)$/is.exec(url);
  if (match === null) throw new TextError("is not a URL", FORMS);
  const [, scheme = "", rest = ""] = match;
  switch (scheme.toLowerCase()) {
    case "unix":
      return parseUnix(rest);
    case "tcp":
      return { kind: "tcp", ...parseAddress(rest.replace(/\/$/, ""), null) };
    case "ssh":
      return parseSsh(rest);
    case "http":
    case "https":
      return parseStats(url);
    default:
      throw new TextError(`has the unknown scheme "${scheme}"`, FORMS);
  }
}

function parseUnix(rest: string): HaproxyLocation {
  if (!rest.startsWith("/"))
    throw new TextError("has no absolute path", "write three slashes: unix:///run/haproxy/admin.sock");
  if (rest.length > 107) throw new TextError("is longer than the 107 bytes a Unix socket path may have");
  return { kind: "unix", path: rest };
}

function parseSsh(rest: string): HaproxyLocation {
  const match = /^(?:([^@/]*)@)?(\[[^\]]*\]|[^:/]*)(?::([^/]*))?(\/.*)?$/s.exec(rest);
  if (match === null) throw new TextError("is not an SSH URL", "write ssh://user@host/path");
  const [, user, host = "", port, path] = match;
  if (user?.includes(":"))
    throw new TextError("has a password", "SSH here uses keys or an agent; write ssh://user@host/path");
  if (path === undefined || path === "/") {
    throw new TextError(
      "has no path",
      "write the socket's path after the host: ssh://user@host/run/haproxy/admin.sock",
    );
  }
  // A leading dash could be taken for an option by an ssh program.
  if (user !== undefined && !/^[^\s-]\S*$/.test(user))
    throw new TextError("has a wrong user", "write ssh://user@host/path or ssh://host/path");
  return {
    kind: "ssh",
    user: user ?? null,
    host: parseHost(host),
    port: port === undefined ? null : parsePort(port),
    path,
  };
}

function parseStats(text: string): HaproxyLocation {
  const hint = "write http://user:password@host:port/path; characters such as @ : / in the password as %40 %3A %2F";
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new TextError("is not a URL", hint);
  }
  let user: string | null;
  let password: string | null;
  try {
    user = url.username === "" ? null : decodeURIComponent(url.username);
    password = url.password === "" ? null : decodeURIComponent(url.password);
  } catch {
    throw new TextError("has a % that starts no %XX in its user or password", "write a % itself as %25");
  }
  url.username = "";
  url.password = "";
  url.hash = "";
  // People paste the address of the CSV export; the driver adds `;csv` itself.
  const page = url.href.replace(/;csv.*$/, "");
  return { kind: "stats", url: page, user, password: password === null ? null : { secret: password } };
}
