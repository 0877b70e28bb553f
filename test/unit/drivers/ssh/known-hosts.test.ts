import { createHmac } from "node:crypto";
import { describe, expect, it, test } from "vitest";
import {
  formatFingerprint,
  judgeHostKey,
  orderHostKeyAlgorithms,
} from "../../../../src/drivers/ssh/known-hosts/judge.ts";
import { formatKnownHostName, matchesHost } from "../../../../src/drivers/ssh/known-hosts/match.ts";
import { parseKnownHosts } from "../../../../src/drivers/ssh/known-hosts/parse.ts";
import { describeHostKey } from "../../../../src/drivers/ssh/known-hosts/refusal.ts";

/** A blob as servers send it; what follows the type does not matter here. */
function buildKey(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(body)]);
}

const ED = buildKey("ssh-ed25519", "right");
const OTHER = buildKey("ssh-ed25519", "other");
const RSA = buildKey("ssh-rsa", "rsa");
const line = (hosts: string, key: Buffer) =>
  `${hosts} ${key.toString("latin1", 4, 4 + key.readUInt32BE(0))} ${key.toString("base64")}`;

function hash(name: string): string {
  const salt = Buffer.from("0123456789abcdefghij");
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

describe("a line speaks of a host", () => {
  it.each([
    ["lb1.example.com", "lb1.example.com", true],
    ["LB1.example.com", "lb1.example.com", true],
    ["lb1.example.com", "lb1xexample.com", false],
    ["lb1,10.0.0.1", "10.0.0.1", true],
    ["*.example.com", "lb1.example.com", true],
    ["lb?.example.com", "lb1.example.com", true],
    ["lb?.example.com", "lb10.example.com", false],
    ["*.example.com,!lb1.example.com", "lb1.example.com", false],
    ["!lb1.example.com,*.example.com", "lb1.example.com", false],
    ["*.example.com,!lb1.example.com", "lb2.example.com", true],
    ["!lb1.example.com", "lb2.example.com", false],
    ["[lb1]:2222", "[lb1]:2222", true],
    ["[lb1]:2222", "lb1", false],
    ["lb1", "[lb1]:2222", false],
    ["[lb*]:2222", "[lb1]:2222", true],
    [hash("lb1"), "lb1", true],
    [hash("[lb1]:2222"), "[lb1]:2222", true],
    [hash("lb1"), "lb2", false],
    ["|2|AAAA|AAAA", "lb1", false],
    ["|1|AAAA", "lb1", false],
    ["", "lb1", false],
  ])("%s and %s: %s", (hosts, name, expected) => {
    expect(matchesHost(hosts, name)).toBe(expected);
  });

  it.each([
    ["LB1", 22, "lb1"],
    ["lb1", 2222, "[lb1]:2222"],
    ["::1", 22, "::1"],
    ["::1", 2222, "[::1]:2222"],
  ])("%s port %i is written %s", (host, port, expected) => {
    expect(formatKnownHostName(host, port)).toBe(expected);
  });
});

test("comments, empty lines, SSH 1 keys, unknown markers, broken keys and keys under a false type make nothing known", () => {
  const text = [
    "# lb1 ssh-ed25519 AAAA",
    "",
    "lb1 1024 35 1234567890",
    `@unknown ${line("lb1", ED)}`,
    "lb1 ssh-ed25519 !!!!",
    `lb1 ssh-rsa ${ED.toString("base64")}`,
    "lb1 ssh-ed25519",
    `  ${line("lb1", ED)} a comment`,
  ].join("\r\n");
  expect(parseKnownHosts("f", text)).toEqual([
    { file: "f", line: 8, marker: null, hosts: "lb1", keyType: "ssh-ed25519", key: ED },
  ]);
});

describe("a host key", () => {
  const judge = (text: string, key = ED, name = "lb1") => judgeHostKey(parseKnownHosts("f", text), name, key);

  it.each([
    ["is known by its line", line("lb1", ED), "known"],
    ["is known beside older keys of its type", `${line("lb1", OTHER)}\n${line("lb1", ED)}`, "known"],
    ["is known by a hashed line", line(hash("lb1"), ED), "known"],
    ["is unknown where there is nothing", "", "unknown"],
    ["is unknown where only others are known", line("lb2", ED), "unknown"],
    ["is unknown where only its host's other types are known", line("lb1", RSA), "unknown"],
    ["is unknown where only an authority is listed, even with this key", `@cert-authority ${line("*", ED)}`, "unknown"],
    ["has changed where another of its type is known", line("lb1", OTHER), "changed"],
    ["is revoked although it is known", `${line("lb1", ED)}\n@revoked ${line("*", ED)}`, "revoked"],
    ["is revoked wherever the marker stands", `@revoked ${line("lb1", ED)}\n${line("lb1", ED)}`, "revoked"],
    ["is known where another key is revoked", `${line("lb1", ED)}\n@revoked ${line("*", OTHER)}`, "known"],
    ["is unknown where it is only revoked for others", `@revoked ${line("lb2", ED)}`, "unknown"],
    ["is unknown where its host is excluded", line("*,!lb1", ED), "unknown"],
  ])("%s", (_title, text, verdict) => {
    expect(judge(text).verdict).toBe(verdict);
  });

  it("is refused with fingerprint, place and the line to add or to replace", () => {
    const shown = { name: "[lb1]:2222", key: ED, file: "/k" };
    const unknown = describeHostKey(judge("", ED, "[lb1]:2222"), shown);
    expect(unknown?.message).toContain(`ssh-ed25519 ${formatFingerprint(ED)}`);
    expect(unknown?.advice).toContain(`add this line to /k: ${line("[lb1]:2222", ED)}`);
    const changed = describeHostKey(judge(`\n${line("[lb1]:2222", OTHER)}`, ED, "[lb1]:2222"), shown);
    expect(changed?.message).toContain(`${formatFingerprint(OTHER)} (f:2)`);
    expect(changed?.advice).toContain(`in place of f:2: ${line("[lb1]:2222", ED)}`);
    expect(describeHostKey(judge(`@cert-authority ${line("lb1", OTHER)}`), shown)?.message).toContain(
      "transport: openssh",
    );
    expect(describeHostKey(judge(line("lb1", RSA)), shown)?.message).toContain(
      `ssh-rsa ${formatFingerprint(RSA)} (f:1)`,
    );
    expect(describeHostKey({ verdict: "known" }, shown)).toBeNull();
  });
});

test("algorithms whose key is known are asked for first, revoked keys and authorities do not count", () => {
  const text = `${line("lb1", RSA)}\n@revoked ${line("lb1", ED)}\n@cert-authority ${line("lb1", ED)}`;
  expect(orderHostKeyAlgorithms(parseKnownHosts("f", text), "lb1").slice(0, 4)).toEqual([
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-rsa",
    "ssh-ed25519",
  ]);
  expect(orderHostKeyAlgorithms([], "lb1")[0]).toBe("ssh-ed25519");
});

test("a fingerprint is the one of ssh-keygen -l", () => {
  const github = Buffer.from("AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl", "base64");
  expect(formatFingerprint(github)).toBe("SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
});
