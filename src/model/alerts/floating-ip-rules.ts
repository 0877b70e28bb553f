/** Rules about the address that moves between the hosts. */
import { formatHeld } from "../floating-ip.ts";
import { joinNames } from "./facts.ts";
import type { AlertRule, ClusterFacts } from "./rule.ts";

/** What was found on the hosts that moves the address, in words; empty when nothing was. */
function describeTools({ floatingIp }: ClusterFacts): string {
  const found = (floatingIp?.hosts ?? []).flatMap(({ name, tools }) => {
    const { heartbeat = null, keepalived = null, pacemaker = false } = tools ?? {};
    const of = (tool: string, running: boolean) => `${tool} ${running ? "runs" : "does not run"} on ${name}`;
    return [
      ...(heartbeat === null ? [] : [of("Heartbeat", heartbeat.running)]),
      ...(keepalived === null ? [] : [of("keepalived", keepalived.running)]),
      ...(pacemaker ? [of("Pacemaker", true)] : []),
    ];
  });
  return found.length === 0 ? "" : ` ${found.join(", ")}.`;
}

/** Drivers begin their sentence with the host already. */
function describeSilence(name: string, message: string): string {
  return message.startsWith(`${name}:`) ? message : `${name}: ${message}`;
}

const none: AlertRule = {
  code: "floating-ip-none",
  severity: "critical",
  title: "Nobody holds the floating address",
  explains:
    "Every host that could hold floating_ip.address was asked, twice, and it stands on no interface that is up (loopback does not count): clients reach nobody. Never raised while a host could not be asked.",
  evaluate: (facts) => {
    const { floatingIp } = facts;
    if (floatingIp?.state !== "none" || !floatingIp.confirmed) return [];
    return [
      {
        node: null,
        subject: floatingIp.address,
        message: `Nobody holds ${floatingIp.address}: it is on no interface of ${joinNames(floatingIp.hosts.map(({ name }) => name))}.`,
        advice: `Clients reach nobody. See why the program that moves the address does not give it to a host: journalctl -u keepalived, or the log of Heartbeat.${describeTools(facts)}`,
      },
    ];
  },
};

const double: AlertRule = {
  code: "floating-ip-double",
  severity: "critical",
  title: "Two hosts hold the floating address",
  explains:
    "floating_ip.address stands on interfaces of two machines at the same time, seen twice: which of them a client reaches is chance. It stays on a host where keepalived was killed with SIGKILL, and comes from a VRRP network that is cut.",
  evaluate: (facts) => {
    const { floatingIp } = facts;
    if (floatingIp?.state !== "double" || !floatingIp.confirmed) return [];
    const places = floatingIp.hosts.flatMap(({ name, held }) =>
      held !== null && held.length > 0 && floatingIp.holders.includes(name) ? [`${name} (${formatHeld(held)})`] : [],
    );
    return [
      {
        node: null,
        subject: floatingIp.address,
        message: `${floatingIp.address} is held by ${joinNames(places)} at the same time: which one a client reaches is chance.`,
        advice: `Decide who keeps it. On the other: start keepalived again if it was killed (it takes the address away), or "ip addr del ${floatingIp.address}" with its prefix and interface; then see whether the hosts hear each other.${describeTools(facts)}`,
      },
    ];
  },
};

const unknown: AlertRule = {
  code: "floating-ip-unknown",
  severity: "warning",
  title: "Who holds the floating address is not known",
  explains:
    "No host that answers holds floating_ip.address, and at least one could not be asked. Information only when one host holds it and another could not be asked: then a second holder cannot be ruled out.",
  evaluate: ({ floatingIp }) => {
    if (floatingIp == null || floatingIp.state === "none" || floatingIp.state === "double") return [];
    const silent = floatingIp.hosts.filter(({ held, state }) => held === null && state !== "never");
    const unasked = floatingIp.hosts.filter(({ way }) => way.kind === "none");
    const all = [...new Set([...silent, ...unasked])];
    if (all.length === 0 && floatingIp.hosts.length > 0) return [];
    const reasons = all.map(({ name, failure, way }) =>
      way.kind === "none" ? `${name} cannot be asked` : describeSilence(name, failure?.message ?? "no answer of late"),
    );
    const held = floatingIp.state === "held";
    const who = held
      ? `${floatingIp.address} is held by ${joinNames(floatingIp.holders)}; whether another host holds it, too, is not known`
      : `Who holds ${floatingIp.address} is not known`;
    return [
      {
        severity: held ? "info" : "warning",
        node: null,
        subject: floatingIp.address,
        message: `${who}: ${reasons.length === 0 ? "there is no host to ask" : reasons.join("; ")}.`,
        advice:
          unasked.length > 0 || floatingIp.hosts.length === 0
            ? 'Give the node on that host an "ssh:", or name the HAProxy by an ssh:// socket, so that it can be asked (not with "transport: openssh").'
            : "On that host: ip addr show.",
      },
    ];
  },
};

export const FLOATING_IP_RULES: readonly AlertRule[] = [double, none, unknown];
