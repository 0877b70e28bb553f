import { expect, it } from "vitest";
import { parseKeepalived } from "../../../../src/drivers/host/keepalived-config.ts";

const ADDRESS = "10.10.10.1";

const WHOLE = `! Configuration File for keepalived
global_defs {
  router_id lb1   # who we are
}
vrrp_script chk_haproxy { script "/usr/bin/pidof haproxy { }" weight -20 }
track_file hold {
  file "/var/lib/keepalived/hold"
  weight -2
  init_file 0
}
vrrp_track_file other
{
  file /var/lib/keepalived/other
}
vrrp_instance VI_OTHER {
  virtual_ipaddress { 10.10.10.9 }
}
vrrp_instance "VI_1" {
  state BACKUP
  nopreempt
  priority 101 ! above the other
  authentication { auth_type PASS
    auth_pass }
  virtual_ipaddress {
    10.10.10.2/24
    10.10.10.1/24 dev eth0 label eth0:vip
  }
  track_script {
    chk_haproxy
  }
  track_file {
    hold
    other weight 10 reverse
    missing
  }
}
`;

it("says how the instance with the address comes by its priority", () => {
  expect(parseKeepalived(WHOLE, ADDRESS)).toEqual({
    problem: null,
    instance: {
      name: "VI_1",
      priority: 101,
      preempts: false,
      syncGroup: null,
      otherTracks: ["track_script"],
      trackFiles: [
        { name: "hold", path: "/var/lib/keepalived/hold", weight: -2 },
        { name: "other", path: "/var/lib/keepalived/other", weight: -10 },
        { name: "missing", path: null, weight: 1 },
      ],
    },
  });
});

it("takes another instance for another address, with what is not said as keepalived takes it", () => {
  expect(parseKeepalived(WHOLE, "10.10.10.9").instance).toMatchObject({
    name: "VI_OTHER",
    priority: 100,
    preempts: true,
  });
});

it.each([
  [
    "vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n}\nvrrp_instance VI_1 {\n virtual_ipaddress {\n 10.10.10.1\n }\n}\n",
  ],
  ["vrrp_sync_group G { group { VI_1 VI_2 } }\nvrrp_instance VI_1 { virtual_ipaddress { 10.10.10.1 } }\n"],
])("finds the sync group of an instance, however it is laid out", (text) => {
  expect(parseKeepalived(text, ADDRESS).instance?.syncGroup).toBe("G");
});

it.each([
  ["include /etc/keepalived/conf.d/*.conf\n", "it includes other files, which are not read"],
  ["vrrp_instance VI_1 {\n@lb1 priority 101\n}\n", "it has conditional lines (@…), which are not evaluated"],
  ["$PRIO=101\nvrrp_instance VI_1 {\n priority $PRIO\n}\n", "it has definitions ($…=), which are not evaluated"],
  ["vrrp_instance VI_1 {\n virtual_ipaddress {\n 10.10.10.1\n}\n", "its braces do not close"],
  ["}\n", "its braces do not close"],
  ["", "no vrrp_instance of it has 10.10.10.1"],
  ["vrrp_instance A { virtual_ipaddress { 10.10.10.1 } }\n".repeat(2), "two of its vrrp_instances have 10.10.10.1"],
  ["# vrrp_instance A { virtual_ipaddress { 10.10.10.1 } }\n", "no vrrp_instance of it has 10.10.10.1"],
])("claims to know nothing of what it does not evaluate: %j", (text, problem) => {
  expect(parseKeepalived(text, ADDRESS)).toEqual({ problem, instance: null });
});

it.each(["$PRIORITY", "high", "101.5"])(
  "claims no priority where the file has one that is no number: %s",
  (priority) => {
    const text = `vrrp_instance VI_1 {\n priority ${priority}\n virtual_ipaddress {\n 10.10.10.1\n }\n}\n`;
    expect(parseKeepalived(text, ADDRESS)).toEqual({
      problem: `the priority of VI_1 is no number: ${priority}`,
      instance: null,
    });
  },
);
