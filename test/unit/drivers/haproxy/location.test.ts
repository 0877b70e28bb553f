import { expect, test } from "vitest";
import { formatHaproxyTarget } from "../../../../src/drivers/haproxy/location.ts";
import { buildStatsCsvUrl } from "../../../../src/drivers/haproxy/stats-page-url.ts";
import type { HaproxyLocation } from "../../../../src/model/settings.ts";

const password = { secret: "hunter2" };

test.each<readonly [HaproxyLocation, string]>([
  [{ kind: "unix", path: "/run/haproxy/admin.sock" }, "lb1 unix:///run/haproxy/admin.sock"],
  [{ kind: "unix", path: "abns@lb" }, "lb1 unix://abns@lb"],
  [{ kind: "tcp", host: "10.0.0.1", port: 9999 }, "lb1 tcp://10.0.0.1:9999"],
  [{ kind: "tcp", host: "::1", port: 9999 }, "lb1 tcp://[::1]:9999"],
  [{ kind: "ssh", user: "ops", host: "lb", port: 2222, path: "/a.sock" }, "lb1 ssh://ops@lb:2222/a.sock"],
  [{ kind: "ssh", user: null, host: "lb", port: null, path: "/a.sock" }, "lb1 ssh://lb/a.sock"],
  [{ kind: "stats", url: "http://lb:8404/stats", user: "u", password }, "lb1 http://lb:8404/stats"],
  [{ kind: "stats", url: "https://u:hunter2@lb/a@b?x@y", user: null, password: null }, "lb1 https://lb/a@b?x@y"],
  [{ kind: "stats", url: "https://u:hun@ter2@lb/", user: null, password: null }, "lb1 https://lb/"],
])("names %j without secrets", (location, target) => {
  expect(formatHaproxyTarget({ name: "lb1", location })).toBe(target);
});

test.each([
  ["http://lb:8404/stats", "http://lb:8404/stats;csv"],
  ["http://lb:8404", "http://lb:8404/;csv"],
  ["http://lb/haproxy?stats", "http://lb/haproxy?stats;csv"],
  ["http://lb/stats;csv", "http://lb/stats;csv"],
  ["http://lb/stats;csv;norefresh", "http://lb/stats;csv;norefresh"],
  ["http://lb/haproxy?stats;csv", "http://lb/haproxy?stats;csv"],
  ["http://lb/my;csvpage", "http://lb/my;csvpage;csv"],
  ["https://u:hunter2@lb/stats#top", "https://lb/stats;csv"],
])("asks the page %s for its table as %s", (url, asked) => {
  expect(buildStatsCsvUrl(url)?.href).toBe(asked);
});

test.each(["lb:8404/stats", "ftp://lb/stats", ""])("takes %j for no address of a stats page", (url) => {
  expect(buildStatsCsvUrl(url)).toBeNull();
});
