import { block, cannotTell, type Finding, type Guard } from "./guard.ts";
import { nodeChanges } from "./selectors.ts";

const isReadOnly = (on: boolean) => (change: ReturnType<typeof nodeChanges>[number]) =>
  change.kind === "read-only" && change.on === on;

export const writerReadOnly: Guard = {
  name: "writer-read-only",
  explains: "The node that gets the writes is not made read-only under its clients.",
  applies: (plan) => nodeChanges(plan).some(isReadOnly(true)),
  evaluate: ({ view }, plan) =>
    nodeChanges(plan)
      .filter(isReadOnly(true))
      .filter(({ node }) => view.cluster.writer?.expected.includes(node) === true)
      .map(({ node }) => {
        const message = `${node} gets the writes of ${view.cluster.writer?.backend}: every write would fail with error 1290.`;
        return block(node, message, "Use `signalbox promote` to move the writes first.", true);
      }),
};

export const openedReplica: Guard = {
  name: "opened-replica",
  explains: "No second node is opened for writes while another one is writable.",
  applies: (plan) => nodeChanges(plan).some(isReadOnly(false)),
  evaluate({ view }, plan) {
    const { cluster } = view;
    return nodeChanges(plan)
      .filter(isReadOnly(false))
      .flatMap(({ node }): Finding[] => {
        if (cluster.writer?.multiWriter === true) return [];
        const rivals = cluster.nodes.filter(({ name }) => name !== node && view.report(name)?.readOnly === false);
        const silent = cluster.nodes.filter(({ name }) => name !== node && view.report(name) === null);
        const advice = `Use \`signalbox promote ${node}\`: it makes the other one read-only first.`;
        const [rival] = rivals;
        if (rival !== undefined) {
          return [
            block(node, `${rival.name} is writable: with ${node} open there would be two writers.`, advice, false),
          ];
        }
        const [quiet] = silent;
        if (quiet === undefined) return [];
        return [cannotTell(node, `${quiet.name} does not answer and may be writable.`, advice, true)];
      });
  },
};
