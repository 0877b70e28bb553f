/** What would keep move-ip from moving the floating address, host by host. */
import type { HostReport } from "../../model/floating-ip.ts";
import type { KeepalivedFacts } from "../../model/floating-move.ts";
import type { ClusterFacts } from "../facts.ts";
import type { DoctorRule, Found } from "../finding.ts";

type Problem = Pick<Found, "message" | "fix" | "severity">;

function judgeKeepalived(host: string, { problem, instance }: KeepalivedFacts): Problem | null {
  if (instance === null) {
    const message = `${host}: how keepalived comes by its priority is not known: ${problem ?? "its configuration cannot be read"}.`;
    return {
      message,
      fix: "Let the account read /etc/keepalived/keepalived.conf (chgrp, chmod 640); passwords stay there.",
    };
  }
  const { name, trackFiles, syncGroup } = instance;
  if (syncGroup !== null) {
    const message = `${host}: ${name} is in the vrrp_sync_group ${syncGroup}, whose instances move together.`;
    return { message, fix: "Move it by hand, or take the instance out of the group." };
  }
  const usable = trackFiles.filter(({ path, weight }) => path !== null && weight !== 0);
  if (usable.length === 0) {
    const message = `${host}: ${name} has no track_file with a weight, which is the one means to give an address away while keepalived runs.`;
    return { message, fix: "Add one to the instance: docs/floating-ip.md has the lines." };
  }
  const file = usable.find(({ writable, value }) => writable === true && value !== null);
  if (file !== undefined) return null;
  const path = usable[0]?.path ?? "";
  const message = `${host}: the account cannot read and write ${path}, by which keepalived changes its priority.`;
  return { message, fix: `On ${host}: chgrp to a group of the account, chmod 664 ${path}. No root is needed.` };
}

function judgeHost(host: string, { tools, move }: HostReport): Problem | null {
  if (tools === null || move === undefined) return null;
  if (tools.pacemaker) {
    const message = `${host}: Pacemaker runs there, which has tools of its own to move an address.`;
    return { severity: "info", message, fix: "Use pcs or crm_resource, and clear the constraint that a move leaves." };
  }
  if (move.keepalived !== null) return judgeKeepalived(host, move.keepalived);
  if (tools.heartbeat === null || move.heartbeat === null) {
    const message = `${host}: neither Heartbeat nor keepalived is recognised.`;
    return { severity: "info", message, fix: "Move the address by the means of whatever moves it there." };
  }
  const { standbyPath, preferred } = tools.heartbeat;
  if (standbyPath === null || preferred === null) {
    const message = `${host}: ${standbyPath === null ? "hb_standby is not installed" : "haresources has no line with the address, or cannot be read"}.`;
    return { message, fix: "Heartbeat moves only what haresources names, by hb_standby of its package." };
  }
  if (move.heartbeat.right === "root" || move.heartbeat.right === "sudo") return null;
  const message = `${host}: the account may not run ${standbyPath}, which needs root.`;
  return {
    message,
    fix: `visudo on ${host}: ACCOUNT ALL=(root) NOPASSWD: ${standbyPath} local, ${standbyPath} foreign`,
  };
}

export const ADDRESS_RULES: readonly DoctorRule<ClusterFacts>[] = [
  {
    code: "address-cannot-move",
    severity: "warning",
    title: "The floating address cannot be moved from here",
    explains:
      "On a host that could hold the floating address the account may not run hb_standby or write the track_file of keepalived, or the program there has no means that is safe; information where it is another program. Only asked where floating_ip is configured.",
    breaks: ["move-ip"],
    evaluate: ({ addressHosts, readOnly }) =>
      readOnly
        ? []
        : [...(addressHosts ?? [])].flatMap(([host, report]): Found[] => {
            const problem = judgeHost(host, report);
            return problem === null ? [] : [{ subject: host, ...problem }];
          }),
  },
];
