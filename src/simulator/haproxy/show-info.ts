/** `show info` of the simulated process, line for line as 2.6.12 prints it. */
import { settleRate } from "../world/proxy-state.ts";
import { countSessions } from "../world/sessions.ts";
import type { Haproxy, World } from "../world/state.ts";

function formatUptime(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  return `${Math.floor(seconds / 86_400)}d ${Math.floor((seconds % 86_400) / 3600)}h${two((seconds % 3600) / 60)}m${two(seconds % 60)}s`;
}

function processLines(world: World, haproxy: Haproxy): string[] {
  const uptimeSeconds = Math.floor((world.nowMs - haproxy.startedAtMs) / 1000);
  const maximum = haproxy.maxConnections;
  return [
    "Name: HAProxy",
    `Version: ${haproxy.version}`,
    "Release_date: 2023/12/16",
    "Nbthread: 2",
    "Nbproc: 1",
    "Process_num: 1",
    `Pid: ${haproxy.pid}`,
    `Uptime: ${formatUptime(uptimeSeconds)}`,
    `Uptime_sec: ${uptimeSeconds}`,
    "Memmax_MB: 0\nPoolAlloc_MB: 0\nPoolUsed_MB: 0\nPoolFailed: 0",
    `Ulimit-n: ${maximum * 2 + 37}`,
    `Maxsock: ${maximum * 2 + 37}`,
    `Maxconn: ${maximum}`,
    `Hard_maxconn: ${maximum}`,
  ];
}

function connectionLines(world: World, haproxy: Haproxy): string[] {
  const sum = (figure: (backend: Haproxy["backends"][number]) => number): number =>
    haproxy.backends.reduce((total, backend) => total + figure(backend), 0);
  const rate = sum((backend) => settleRate(backend.rate, world.nowMs).previous);
  const maxRate = sum((backend) => backend.rate.max);
  return [
    `CurrConns: ${sum(countSessions)}`,
    `CumConns: ${sum((backend) => backend.totalSessions + backend.refused) + haproxy.cliConnections}`,
    `CumReq: ${haproxy.cliRequests}`,
    "MaxSslConns: 0\nCurrSslConns: 0\nCumSslConns: 0\nMaxpipes: 0\nPipesUsed: 0\nPipesFree: 0",
    `ConnRate: ${rate}\nConnRateLimit: 0\nMaxConnRate: ${maxRate}`,
    `SessRate: ${rate}\nSessRateLimit: 0\nMaxSessRate: ${maxRate}`,
    "SslRate: 0\nSslRateLimit: 0\nMaxSslRate: 0\nSslFrontendKeyRate: 0\nSslFrontendMaxKeyRate: 0",
    "SslFrontendSessionReuse_pct: 0\nSslBackendKeyRate: 0\nSslBackendMaxKeyRate: 0\nSslCacheLookups: 0\nSslCacheMisses: 0",
    "CompressBpsIn: 0\nCompressBpsOut: 0\nCompressBpsRateLim: 0",
  ];
}

/** Without the empty line that ends the answer. */
export function buildShowInfo(world: World, haproxy: Haproxy): string {
  const servers = haproxy.backends.reduce((total, backend) => total + backend.servers.length, 0);
  return `${[
    ...processLines(world, haproxy),
    ...connectionLines(world, haproxy),
    `Tasks: ${servers * 2 + 13}\nRun_queue: 0\nIdle_pct: 100\nnode: simulator\nStopping: 0\nJobs: ${haproxy.backends.length + 3}`,
    `Unstoppable Jobs: 0\nListeners: ${haproxy.backends.length + 1}\nActivePeers: 0\nConnectedPeers: 0\nDroppedLogs: 0`,
    "BusyPolling: 0\nFailedResolutions: 0",
    `TotalBytesOut: ${haproxy.bytesOut}\nTotalSplicdedBytesOut: 0\nBytesOutRate: 0\nDebugCommandsIssued: 0\nCumRecvLogs: 0`,
    `Build info: ${haproxy.version}`,
    "Memmax_bytes: 0\nPoolAlloc_bytes: 147384\nPoolUsed_bytes: 147384",
    `Start_time_sec: ${Math.floor(haproxy.startedAtMs / 1000)}`,
    "Tainted: 0",
  ].join("\n")}\n`;
}
