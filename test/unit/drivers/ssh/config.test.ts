import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { buildHostConfig, type ConfigValues } from "../../../../src/drivers/ssh/config/host-config.ts";
import { readConfigFile } from "../../../../src/drivers/ssh/config/parse-config.ts";
import { resolveHops } from "../../../../src/drivers/ssh/config/resolve.ts";
import { formatDestination, formatSshEndpoint, parseSshEndpoint } from "../../../../src/drivers/ssh/endpoint.ts";
import { buildOpensshArguments, buildOpensshConfig } from "../../../../src/drivers/ssh/openssh-config.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sbx-sshconf-"));
  mkdirSync(join(home, ".ssh/conf.d"), { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true }));

const around = () => ({ homeDir: home, userName: "me", env: { SSH_AUTH_SOCK: "/agent", OTHER: "/other" } });
const values = (entries: Readonly<Record<string, readonly string[]>>): ConfigValues => new Map(Object.entries(entries));

describe("what the configuration says of a host", () => {
  it("has the defaults of ssh where nothing is said", () => {
    expect(buildHostConfig(values({}), "lb1", around())).toEqual({
      hostName: "lb1",
      port: 22,
      user: "me",
      identityFiles: ["id_rsa", "id_ecdsa", "id_ed25519"].map((name) => `${home}/.ssh/${name}`),
      identitiesOnly: false,
      agent: "/agent",
      proxyJump: [],
      hasProxyCommand: false,
      knownHostsFiles: [],
      hostKeyAlias: null,
    });
  });

  it.each([
    ["none", null],
    ["SSH_AUTH_SOCK", "/agent"],
    ["$OTHER", "/other"],
    ["$" + "{OTHER}", "/other"],
    ["$MISSING", null],
    ["/run/%u/agent", "/run/me/agent"],
    ['"/run/my agent"', "/run/my agent"],
  ])("IdentityAgent %s is %s", (written, expected) => {
    expect(buildHostConfig(values({ identityagent: [written] }), "lb1", around()).agent).toBe(expected);
  });

  it("has its tokens filled in and our own known_hosts left to us", () => {
    const config = buildHostConfig(
      values({
        hostname: ["%h.example.com"],
        user: ["ops"],
        port: ["2222"],
        identityfile: ["~/.ssh/%r_%h", "%d/%n-%p-%%", "none"],
        userknownhostsfile: ["~/.ssh/known_hosts ~/.ssh/known_hosts2 ~/.ssh/%h.known"],
        globalknownhostsfile: ["/etc/ssh/ssh_known_hosts none"],
        proxyjump: ["a@b:1, c"],
        proxycommand: ["none"],
      }),
      "lb1",
      around(),
    );
    expect(config).toMatchObject({
      hostName: "lb1.example.com",
      identityFiles: [`${home}/.ssh/ops_lb1.example.com`, `${home}/lb1-2222-%`],
      knownHostsFiles: [`${home}/.ssh/lb1.example.com.known`, "/etc/ssh/ssh_known_hosts"],
      proxyJump: ["a@b:1", "c"],
      hasProxyCommand: false,
    });
  });
});

test("without ssh the file itself is read: first value counts, Include, negation, other Match blocks passed over", () => {
  const file = join(home, ".ssh/config");
  writeFileSync(
    file,
    [
      "User outer",
      "Include conf.d/*",
      "Host lb? !lb9",
      "  Port=2222",
      "  IdentityFile ~/.ssh/one",
      "Match user nobody",
      "  Port 1",
      "Host *",
      "  Port 22",
      "  User later",
      "  IdentityFile ~/.ssh/two",
    ].join("\n"),
  );
  writeFileSync(join(home, ".ssh/conf.d/a"), "Host lb1\n  HostName 10.0.0.1\n");
  const read = (alias: string) => Object.fromEntries(readConfigFile(file, alias, home));
  expect(read("lb1")).toEqual({
    user: ["outer"],
    hostname: ["10.0.0.1"],
    port: ["2222"],
    identityfile: ["~/.ssh/one", "~/.ssh/two"],
  });
  expect(read("lb9")).toEqual({ user: ["outer"], port: ["22"], identityfile: ["~/.ssh/two"] });
  expect(Object.fromEntries(readConfigFile(join(home, "none"), "lb1", home))).toEqual({});
});

test("a file that includes itself is an error and not the end of the program", () => {
  const file = join(home, ".ssh/config");
  writeFileSync(file, `Include ${file}\n`);
  expect(() => readConfigFile(file, "lb1", home)).toThrow(/too many files/);
});

describe("the hosts on the way", () => {
  const write = (text: string) => {
    const file = join(home, "config");
    writeFileSync(file, text);
    return file;
  };
  const way = async (host: string, file: string) =>
    (await resolveHops({ user: null, host, port: null }, file)).map(
      ({ alias, hostName, port, user }) => `${alias}=${user}@${hostName}:${port}`,
    );

  it("are those of ProxyJump, the first as its own configuration says", async () => {
    const file = write(
      "Host far\n HostName 10.0.0.9\n User ops\n ProxyJump mid,near:2222\nHost mid\n User m\n HostName 10.0.0.5\n ProxyJump outer\nHost near\n User n\n ProxyJump ignored\nHost outer\n User o\n",
    );
    expect(await way("far", file)).toEqual([
      "outer=o@outer:22",
      "mid=m@10.0.0.5:22",
      "near:2222=n@near:2222",
      "far=ops@10.0.0.9:22",
    ]);
  });

  it("in a circle are an error", async () => {
    const file = write("Host a\n ProxyJump b\nHost b\n ProxyJump a\n");
    await expect(way("a", file)).rejects.toThrow(/circle/);
  });
});

describe("an endpoint", () => {
  it.each([
    ["lb1", { user: null, host: "lb1", port: null }],
    ["ops@lb1:2222", { user: "ops", host: "lb1", port: 2222 }],
    ["ssh://ops@lb1:2222/", { user: "ops", host: "lb1", port: 2222 }],
    ["[::1]:22", { user: null, host: "::1", port: 22 }],
    ["a@b@lb1", { user: "a@b", host: "lb1", port: null }],
    ["-oProxyCommand=x", null],
    ["-l@lb1", null],
    ["@lb1", null],
    ["two words", null],
    ["", null],
  ])("%s", (text, expected) => {
    expect(parseSshEndpoint(text)).toEqual(expected);
  });

  it("is written as it is read", () => {
    for (const text of ["lb1", "ops@lb1:2222", "ops@[::1]:2222"]) {
      const endpoint = parseSshEndpoint(text);
      expect(endpoint === null ? null : formatSshEndpoint(endpoint)).toBe(text);
    }
    expect(formatDestination({ kind: "tcp", host: "::1", port: 3306 })).toBe("[::1]:3306");
  });
});

describe("the system's ssh", () => {
  it("gets its own strict options before everything the user has configured, in a file that jump hosts get too", () => {
    const configFile = join(home, ".ssh/config");
    writeFileSync(configFile, "Host *\n StrictHostKeyChecking no\n");
    const text = buildOpensshConfig({ configFile, knownHostsFile: "/k h" });
    expect(text.indexOf("StrictHostKeyChecking yes")).toBeLessThan(text.indexOf(`Include "${configFile}"`));
    expect(text).toContain('UserKnownHostsFile "/k h"');
    expect(text).toContain("BatchMode yes");
  });

  it("is never given a host that could be an option", () => {
    const args = buildOpensshArguments(
      { user: "ops", host: "-oProxyCommand=x", port: 2222 },
      { kind: "unix", path: "/run/a.sock" },
      "/c",
      "/l",
    );
    expect(args.slice(-2)).toEqual(["--", "-oProxyCommand=x"]);
    expect(args).toContain("/l:/run/a.sock");
  });
});
