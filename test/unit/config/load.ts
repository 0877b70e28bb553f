/** Configuration files in a folder of their own, loaded with surroundings that hold nothing of this machine. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ConfigError } from "../../../src/config/config-error.ts";
import type { Surroundings } from "../../../src/config/find-config-file.ts";
import { type LoadedSettings, loadSettings, type SettingsRequest } from "../../../src/config/load-settings.ts";

export interface Bench {
  readonly dir: string;
  readonly around: Surroundings;
  /** Writes a file (mode 0600) below the folder; returns its path. */
  write(name: string, text: string, mode?: number): string;
  load(request?: Partial<SettingsRequest>): Promise<LoadedSettings>;
  /** Loads `text` as ./signalbox.yaml and returns the problems as `line:column: message; hint`. */
  problemsOf(text: string): Promise<readonly string[]>;
  remove(): void;
}

const NOTHING: SettingsRequest = {
  configFile: null,
  cluster: null,
  haproxyUrls: [],
  mysqlUrls: [],
  readOnly: false,
  theme: null,
  interval: null,
};

export function createBench(env: Readonly<Record<string, string>> = {}): Bench {
  const dir = mkdtempSync(join(tmpdir(), "sbx-config-"));
  const around: Surroundings = {
    env: { PATH: process.env.PATH, ...env },
    cwd: join(dir, "cwd"),
    homeDir: join(dir, "home"),
    userName: "tester",
  };
  mkdirSync(around.cwd);
  mkdirSync(around.homeDir);
  const write = (name: string, text: string, mode = 0o600) => {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  const load = (request: Partial<SettingsRequest> = {}) => loadSettings({ ...NOTHING, ...request }, around);
  return {
    dir,
    around,
    write,
    load,
    async problemsOf(text) {
      const path = write("cwd/signalbox.yaml", text);
      try {
        await load();
      } catch (error) {
        if (error instanceof ConfigError) return error.message.split("\n").map((line) => line.replace(`${path}:`, ""));
        throw error;
      }
      return [];
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** A cluster that is right, to be followed or preceded by what a test is about. */
export const CLUSTER = `clusters:
  - name: shop
    haproxy:
      - {name: lb1, socket: unix:///run/haproxy.sock}
`;
