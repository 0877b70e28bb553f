/** What passes the address between the two hosts: keepalived with a track_file, or Heartbeat with haresources. */
import { dirname, join } from "node:path";
import { requireEngine } from "./engines.ts";
import { ADDRESS, type HostPair, type LabHost, startHostPair } from "./host-pair.ts";

export const TRACK_FILE = "/etc/keepalived/signalbox";

/** As an operator writes it: the instance, and a file whose number is added to its priority. */
function keepalivedConf(priority: number, lines: readonly string[]): string {
  return `global_defs {
    vrrp_version 3
    process_names
}
track_file signalbox {
    file "${TRACK_FILE}"
    weight 1
    init_file 0
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority ${priority}   # ${priority > 100 ? "the one that holds it" : "the other one"}
    advert_int 0.2
    virtual_ipaddress {
        ${ADDRESS}/24 dev eth0 label eth0:vip
    }
    track_file {
        signalbox
    }
    ${lines.join("\n    ")}
}
`;
}

/** Writes its configuration again; a keepalived that runs has to be told to read it. */
export function writeKeepalived(host: LabHost, priority: number, ...lines: string[]): void {
  host.write("/etc/keepalived/keepalived.conf", keepalivedConf(priority, lines), "600");
}

export function startKeepalivedPair(): Promise<HostPair> {
  const { program } = requireEngine("keepalived");
  return startHostPair(null, (host) => {
    writeKeepalived(host, host.name === "lb1" ? 110 : 100);
    host.run(program, "--vrrp", "--log-console");
  });
}

/** R4: one line of haresources, the same on both. */
export function startHeartbeatPair(): Promise<HostPair> {
  const root = join(dirname(requireEngine("heartbeat").program), "..");
  return startHostPair(root, (host) => {
    const users = ["root:x:0:0:root:/root:/bin/bash", "hacluster:x:101:101::/var/lib/heartbeat:/bin/false"];
    host.write("/etc/passwd", `${[...users, "ops:x:1000:1000::/tmp:/bin/bash"].join("\n")}\n`);
    host.write("/etc/group", "root:x:0:\nhaclient:x:101:\nops:x:1000:\n");
    const folders = ["cores/root", "cores/hacluster"].map((name) => `/var/lib/heartbeat/${name}`);
    host.run(
      "mkdir",
      "-p",
      ...folders,
      "/run/heartbeat/ccm",
      "/var/run/heartbeat",
      "/run/resource-agents",
      "/var/lock/subsys",
    );
    host.write("/etc/hosts", "127.0.0.1 localhost\n10.10.10.11 lb1\n10.10.10.12 lb2\n");
    // Made by maintainer scripts, which do not run here.
    host.write("/usr/local/bin/which", '#!/bin/sh\nexec /usr/bin/which.debianutils "$@"\n', "755");
    host.write("/usr/local/bin/awk", '#!/bin/sh\nexec /usr/bin/gawk "$@"\n', "755");
    const links = ["10.10.10.11", "10.10.10.12"].map((to) => `ucast eth0 ${to}`);
    const timing = ["keepalive 200ms", "deadtime 5", "warntime 2", "initdead 5"];
    const cf = ["logfile /var/log/ha-log", ...timing, ...links, "auto_failback off", "node lb1 lb2", "crm off"];
    host.write("/etc/ha.d/ha.cf", `${cf.join("\n")}\n`);
    host.write("/etc/ha.d/authkeys", "auth 1\n1 crc\n", "600");
    host.write("/etc/ha.d/haresources", `lb1 IPaddr2::${ADDRESS}/24/eth0\n`);
    host.run("/usr/libexec/heartbeat/heartbeat");
  });
}
