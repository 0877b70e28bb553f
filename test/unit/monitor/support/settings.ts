import type {
  ClusterSettings,
  HaproxySettings,
  MysqlAccess,
  NodeSettings,
  Settings,
} from "../../../../src/model/settings.ts";

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

export function buildClusterSettings(change: Partial<ClusterSettings> = {}): ClusterSettings {
  return {
    name: "shop",
    haproxies: [],
    nodes: [],
    access,
    writer: null,
    readers: null,
    replication: null,
    heartbeatTable: null,
    heartbeatClock: "local",
    floatingIp: null,
    lag: { warningSeconds: 5, criticalSeconds: 30 },
    promotion: { maxLagSeconds: 10, writeStopBudgetSeconds: 30, lockWaitSeconds: 5 },
    alertHook: null,
    ...change,
  };
}

export function buildSettings(cluster: Partial<ClusterSettings>, intervalMs = 1_000): Settings {
  return {
    intervalMs,
    theme: "dark",
    readOnly: false,
    clusters: [buildClusterSettings(cluster)],
    ssh: { configFile: "", knownHostsFile: "" },
    warnings: [],
  };
}
