/** R5: the two hosts of the balancers do not hear each other, both take the address, and one of them has an old maintenance in it. */
import { listHolders } from "../world/address.ts";
import { setServerState } from "../world/proxy-admin.ts";
import type { Haproxy, World } from "../world/state.ts";
import { findWriter, isWholeBehind, listWriters } from "./look.ts";
import { after, type Scenario, type Scene, tell, timed } from "./scenario.ts";

/** How long whoever repairs the network takes at least. */
const repairSeconds = 45;

function balancer(world: World, name: string): Haproxy | undefined {
  return world.haproxies.find((each) => each.name === name);
}

/** Nobody noticed: while lb-02 stands by, it is asked by nobody. */
function leaveOldMaintenance(world: World): void {
  for (const { servers } of balancer(world, "lb-02")?.backends ?? [])
    for (const server of servers) if (server.name === "db-01") setServerState(world, server, "maint");
}

function setSplit(world: World, isSplit: boolean): void {
  if (world.address !== null) world.address.isSplit = isSplit;
}

const hints = timed(
  [
    14,
    "Both balancers hold 10.10.10.1. Clients that reach lb-02 are refused: it sends them to db-02, which is read-only.",
  ],
  [
    35,
    "lb-02 has db-01 in maintenance, since the last works on it: see the row lb-02 mysql/db-01 in the HAProxy pane (2).",
  ],
  [55, "Select mysql/db-01 of lb-02, press E and then y: then it does not matter any more which balancer is reached."],
);

function hint(scene: Scene) {
  const { world, happened } = scene;
  if (!happened.has("split")) return null;
  if (happened.has("repaired")) return tell("The hosts hear each other again: one of them holds the address.");
  if (findWriter(world) === null) return hints(scene);
  return tell(
    "Both balancers send writes to the same node: whichever is reached is right. The network is being repaired.",
  );
}

export const vipDouble: Scenario = {
  name: "vip-double",
  goal: "Two hosts hold the clients' address, and half of the writes are refused. Make both balancers right, whoever is reached, until the network is repaired.",
  shape: "r5",
  parSeconds: 75,
  hint,
  prepare: leaveOldMaintenance,
  happenings: [
    { name: "split", when: after(12), apply: (world) => setSplit(world, true) },
    {
      name: "repaired",
      when: ({ world, seconds }) => seconds >= repairSeconds && findWriter(world) !== null,
      apply: (world) => setSplit(world, false),
    },
  ],
  milestones: { "two-writers": (world) => listWriters(world).length > 1 },
  mistakes: {
    "db-01, which has the writes, was made read-only": ({ world }) => world.nodes.every(({ readOnly }) => readOnly),
  },
  isWon: ({ world, happened }) => {
    const writer = findWriter(world);
    return (
      happened.has("repaired") && listHolders(world).length === 1 && writer !== null && isWholeBehind(world, writer)
    );
  },
  holdSeconds: 5,
  whyLost: ({ reached, happened }) =>
    happened.has("split") && reached.has("two-writers")
      ? "Both nodes took writes while both hosts held the address: their data have gone apart."
      : null,
};
