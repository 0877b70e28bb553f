/** Where an HAProxy is asked, in words: one URL form for messages, never with a secret in it. */
import type { HaproxyLocation, HaproxySettings } from "../../model/settings.ts";

/** `unix:///path`, `tcp://host:port`, `ssh://user@host:port/path` or the stats page's URL without user and password. */
export function formatHaproxyUrl(location: HaproxyLocation): string {
  switch (location.kind) {
    case "unix":
      return `unix://${location.path}`;
    case "tcp":
      return `tcp://${bracketed(location.host)}:${location.port}`;
    case "ssh": {
      const user = location.user === null ? "" : `${location.user}@`;
      const port = location.port === null ? "" : `:${location.port}`;
      return `ssh://${user}${bracketed(location.host)}${port}${location.path}`;
    }
    case "stats":
      return withoutUserInfo(location.url);
    case "sql-admin":
      return `${location.product}://${location.user}@${bracketed(location.host)}:${location.port}`;
  }
}

/** Name and URL, e.g. `lb1 unix:///run/haproxy/admin.sock`: the `target` of readings and errors. */
export function formatHaproxyTarget(settings: HaproxySettings): string {
  return `${settings.name} ${formatHaproxyUrl(settings.location)}`;
}

/** Cut by hand and not with `URL`: it must hold for text that is no valid URL too. */
function withoutUserInfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
