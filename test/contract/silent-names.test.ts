/** A name server that is silent, as in many an incident: whoever is known without it is reached all the same. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeNamespaces } from "../lab/vrrp.ts";
import { ROOT } from "../support/program.ts";

interface Answer {
  readonly text: string;
  readonly endedBefore: readonly string[];
  readonly said: string;
  readonly greeted: unknown;
}

describeNamespaces("a name server that does not answer", () => {
  let dir: string;
  let answer: Answer;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "sbx-names-"));
    writeFileSync(join(dir, "resolv.conf"), "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n");
    writeFileSync(join(dir, "hosts"), "127.0.0.1 localhost known.example\n");
    writeFileSync(join(dir, "nsswitch.conf"), "hosts: files dns\n");
    const script = [
      "ip link set lo up",
      'for file in resolv.conf hosts nsswitch.conf; do mount --bind "$0/$file" "/etc/$file"; done',
      'exec "$@"',
    ].join(" && ");
    const program = [process.execPath, "--import", "tsx", join(ROOT, "test/contract/support/silent-names-host.ts")];
    const argv = ["-n", "-m", "sh", "-c", script, dir, ...program, join(dir, "journal")];
    // It leaves by itself, however many names are still being asked for: far before the name server is given up.
    const { stdout } = await promisify(execFile)("unshare", argv, {
      cwd: ROOT,
      timeout: 25_000,
      killSignal: "SIGKILL",
    });
    answer = JSON.parse(stdout);
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it("delays neither a name that the machine knows itself, nor a file", () => {
    expect(answer).toMatchObject({ text: "HAProxy\n", endedBefore: [] });
    expect(readFileSync(join(dir, "journal"), "utf8")).toBe("written");
  });

  it("is what is told of a server behind it, not that the server is silent", () => {
    expect(answer.said).toBe("db1 unknown0.example:3306: connect: the name server has not answered within 300 ms");
  });

  it("proves nothing of the death of a server", () => {
    expect(answer.greeted).toMatchObject({
      outcome: "untried",
      failure: { message: expect.stringContaining("the name server does not answer") },
    });
  });
});
