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
    const opened = new Set(
      nodeChanges(plan)
        .filter(isReadOnly(false))
        .map(({ node }) => node),
    );
    return nodeChanges(plan)
      .filter(isReadOnly(false))
      .flatMap(({ node }): Finding[] => {
        if (cluster.writer?.multiWriter === true) return [];
        const others = cluster.nodes.map(({ name }) => name).filter((name) => name !== node);
        if (others.some((name) => opened.has(name))) {
          return [
            block(node, "This plan opens more than one node: there would be two writers.", "Open one node.", false),
          ];
        }
        const rivals = others.filter((name) => view.report(name)?.readOnly === false);
        const silent = others.filter((name) => (view.report(name)?.readOnly ?? null) === null);
        const advice = `Use \`signalbox promote ${node}\`: it makes the other one read-only first.`;
        const [rival] = rivals;
        if (rival !== undefined) {
          return [block(node, `${rival} is writable: with ${node} open there would be two writers.`, advice, false)];
        }
        const [quiet] = silent;
        if (quiet === undefined) return [];
        return [cannotTell(node, `${quiet} does not tell whether it is writable.`, advice, true)];
      });
  },
};
