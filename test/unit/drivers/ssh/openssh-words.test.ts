import { describe, expect, it } from "vitest";
import { describeOpensshEnd } from "../../../../src/drivers/ssh/openssh-problem.ts";
import { OpensshWords } from "../../../../src/drivers/ssh/openssh-words.ts";

const KEY = "debug1: Server host key: ssh-ed25519 SHA256:abc";

describe("what the system's ssh says", () => {
  it("is kept line by line, without its chatter, wherever it is cut", () => {
    const text = `debug1: Connecting to lb1 port 22.\r\n${KEY}\r\nHost key verification failed.\r\n`;
    for (let cut = 0; cut <= text.length; cut += 1) {
      const words = new OpensshWords();
      words.add(text.slice(0, cut));
      words.add(text.slice(cut));
      expect(words.since(0)).toBe(`${KEY}\nHost key verification failed.`);
    }
  });

  it("is told from a moment on, however long it has talked before", () => {
    const words = new OpensshWords();
    for (let round = 0; round < 10_000; round += 1) words.add(`channel ${round}: open failed: connect failed\n`);
    const before = words.count;
    expect(words.since(before)).toBe("");
    words.add("channel 7: open failed: connect failed: Connection refused\n");
    expect(words.count).toBe(before + 1);
    expect(words.since(before)).toContain("Connection refused");
    expect(words.since(0).length).toBeLessThan(10_000);
  });

  it("of a host key names the host, the fingerprint it shows, and the line to compare", () => {
    const unknown = `debug1: Server host key: ssh-rsa SHA256:first\n${KEY}\nNo ED25519 host key is known for [lb1]:2222 and you have requested strict checking.\nHost key verification failed.`;
    expect(describeOpensshEnd(unknown, "/a", { where: "lb1", hasEnded: true })).toMatchObject({
      code: "HOST_KEY_UNKNOWN",
      message: "the host key of [lb1]:2222 is not known: it shows ssh-ed25519 SHA256:abc.",
    });
    const changed = `${KEY}\nWARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\nOffending ED25519 key in /home/me/.ssh/known_hosts:12\nHost key for lb1 has changed and you have requested strict checking.`;
    expect(describeOpensshEnd(changed, "/a", { where: "lb1", hasEnded: true })).toMatchObject({
      code: "HOST_KEY_CHANGED",
      message:
        "the host key of lb1 has changed: it shows ssh-ed25519 SHA256:abc, and /home/me/.ssh/known_hosts:12 has another.",
    });
    const revoked = `${KEY}\nWARNING: REVOKED HOST KEY DETECTED!\nED25519 host key for lb1 was revoked and you have requested strict checking.`;
    expect(describeOpensshEnd(revoked, "/a", { where: "lb1", hasEnded: true })).toMatchObject({
      code: "HOST_KEY_REVOKED",
      message: "the host key of lb1 is revoked: it shows ssh-ed25519 SHA256:abc.",
    });
  });
});
