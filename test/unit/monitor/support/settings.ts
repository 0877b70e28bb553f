import type {
  ClusterSettings,
  HaproxySettings,
  MysqlAccess,
  NodeSettings,
  Settings,
} from "../../../../src/model/settings.ts";
import { buildSettings as buildCluster } from "../../../support/model-builders.ts";

export const access: MysqlAccess = {
  user: "ops",
  password: null,
  tls: { mode: "off", caFile: null, certFile: null, keyFile: null },
  connectTimeoutMs: 3_000,
};

export function buildHaproxySettings(name: string): HaproxySettings {
  return { name, location: { kind: "unix", path: `/run/${name}.sock` } };
}

export function buildNodeSettings(name: string, host: string): NodeSettings {
  return { name, host, port: 3306, access, servers: [], ssh: null, priority: "neutral" };
}

export function buildSettings(cluster: Partial<ClusterSettings>, intervalMs = 1_000): Settings {
  return {
    intervalMs,
    theme: "dark",
    readOnly: false,
    clusters: [buildCluster({ haproxies: [], access, ...cluster })],
    ssh: { configFile: "", knownHostsFile: "" },
    warnings: [],
  };
}
