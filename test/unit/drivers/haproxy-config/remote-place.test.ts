import { describe, expect, it } from "vitest";
import { findHaproxyConfig } from "../../../../src/drivers/haproxy-config/read.ts";
import type { CommandResult, RunCommand } from "../../../../src/drivers/host/run-command.ts";

const CONFIG = "global\n stats socket /run/haproxy/admin.sock level admin\nlisten w\n server a 10.0.0.1:3306 backup\n";
const ok = (stdout: string): CommandResult => ({ exitCode: 0, stdout, stderr: "" });
const failed = (words: string): CommandResult => ({ exitCode: 1, stdout: "", stderr: `head: cannot open: ${words}\n` });

interface Machine {
  readonly cmdline?: string;
  readonly folder?: string;
  readonly files: Readonly<Record<string, string>>;
  readonly denied?: readonly string[];
  /** By path, the letter of what is no regular file. */
  readonly kinds?: Readonly<Record<string, string>>;
}

/** A host as its programs tell of it, with what was asked of it. */
function createHost({ cmdline, folder, files, denied = [], kinds = {} }: Machine) {
  const asked: string[] = [];
  const run: RunCommand = async (argv) => {
    asked.push(argv.join(" "));
    const path = argv.at(-1) ?? "";
    if (path.endsWith("/cmdline")) return cmdline === undefined ? failed("No such file or directory") : ok(cmdline);
    if (argv[0] === "readlink") return folder === undefined ? failed("Permission denied") : ok(`${folder}\n`);
    if (argv[1] === "-ldL" && path in files)
      return ok(`${kinds[path] ?? "-"}rw-r--r-- 1 root root 1 Nov 20 2026 ${path}\n`);
    if (argv[0] === "ls") return failed(path.slice(0, -2) in files ? "Not a directory" : "No such file or directory");
    if (denied.includes(path)) return failed("Permission denied");
    const text = files[path];
    return text === undefined ? failed("No such file or directory") : ok(text);
  };
  const far = { run, bounds: { signal: new AbortController().signal, timeoutMs: 1_000 } };
  const location = { kind: "ssh", user: null, host: "lb1", port: null, path: "/run/haproxy/admin.sock" } as const;
  return { asked, find: (pid: number | null = 7) => findHaproxyConfig(location, pid, far) };
}

describe("the file of a HAProxy on another machine", () => {
  it("is asked for with programs that only read", async () => {
    const { asked, find } = createHost({
      cmdline: "/usr/sbin/haproxy\0-Ws\0-f\0/etc/haproxy/haproxy.cfg\0-p\0/run/haproxy.pid\0",
      files: { "/etc/haproxy/haproxy.cfg": CONFIG },
    });
    expect((await find()).found?.config.proxies[0]?.servers[0]).toMatchObject({ name: "a", backup: true });
    expect(asked).toEqual([
      "head -c 65536 /proc/7/cmdline",
      "ls -1A /etc/haproxy/haproxy.cfg/.",
      "ls -ldL /etc/haproxy/haproxy.cfg",
      "head -c 4194304 /etc/haproxy/haproxy.cfg",
    ]);
  });

  it("that the user may not read is said to be so", async () => {
    const path = "/etc/haproxy/haproxy.cfg";
    const { find } = createHost({ cmdline: `haproxy\0-f\0${path}\0`, files: { [path]: CONFIG }, denied: [path] });
    expect(await find()).toEqual({ found: null, why: `${path} may not be read by this user` });
  });

  it("that is a pipe or a device is not read: the program would wait there for ever", async () => {
    const path = "/etc/haproxy/haproxy.cfg";
    for (const kind of ["p", "c", "s"]) {
      const { asked, find } = createHost({
        cmdline: `haproxy\0-f\0${path}\0`,
        files: { [path]: "" },
        kinds: { [path]: kind },
      });
      expect(await find()).toEqual({ found: null, why: `${path} is not a file` });
      expect(asked.filter((line) => line.startsWith("head") && line.endsWith(path))).toEqual([]);
    }
  });

  it("given relative to a folder is read there, and not anywhere else where that cannot be seen", async () => {
    const there = createHost({
      cmdline: "haproxy\0-f\0lb.cfg\0",
      folder: "/srv/lb",
      files: { "/srv/lb/lb.cfg": CONFIG },
    });
    expect((await there.find()).found?.files).toEqual(["/srv/lb/lb.cfg"]);
    const hidden = createHost({ cmdline: "haproxy\0-f\0lb.cfg\0", files: { "/lb.cfg": CONFIG } });
    const { found, why } = await hidden.find();
    expect(found).toBeNull();
    expect(why).toContain("process 7 was given a file relative to its folder, which cannot be seen, and /etc/haproxy");
  });

  it("of a process that cannot be seen is the usual one, where that has the socket, and else unknown", async () => {
    const usual = "/etc/haproxy/haproxy.cfg";
    const { find } = createHost({ files: { [usual]: CONFIG } });
    expect((await find()).found?.files).toEqual([usual]);
    expect((await find(null)).found?.files).toEqual([usual]);
    const other = createHost({ files: { [usual]: CONFIG.replace("admin.sock", "other.sock") } });
    expect(await other.find()).toEqual({
      found: null,
      why: `its process 7 cannot be seen, and ${usual} has no stats socket /run/haproxy/admin.sock`,
    });
  });
});
