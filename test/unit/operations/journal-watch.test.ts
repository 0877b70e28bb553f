import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OperationRecord } from "../../../src/operations/journal/record.ts";
import { createJournalWatch, type JournalWatch } from "../../../src/operations/journal/watch.ts";
import { buildRequest } from "../../support/requests.ts";
import { createDesk, type Desk, FakeWorld } from "./support/fake-world.ts";
import { buildR1Twice } from "./support/scenes.ts";

describe("What the journal tells at hand", () => {
  let desk: Desk;
  let world: FakeWorld;
  let records: readonly OperationRecord[] | null;
  let watch: JournalWatch;

  beforeEach(() => {
    world = new FakeWorld(buildR1Twice());
    desk = createDesk(world);
    records = null;
    const list = async () => records ?? desk.journal.list(null);
    // It is told to read by the tests alone.
    watch = createJournalWatch({ list }, ["shop"], { after: () => () => {} });
  });
  afterEach(() => {
    watch.close();
    desk.remove();
  });

  const drain = async () => {
    const request = buildRequest({ command: "drain", targets: ["read_nodes/db3"] });
    return desk.operations.run(await desk.operations.plan(request));
  };

  it("is what was worked out before as long as no operation came, and none has changed", async () => {
    const { id } = await drain();
    await watch.refresh();
    const first = watch.facts("shop");
    expect(first?.takenOut.map(({ operation }) => operation)).toEqual([id, id]);
    await watch.refresh();
    expect(watch.facts("shop")).toBe(first);
    const record = await desk.journal.show(id);
    if (record === null) throw new Error("no record");
    await desk.journal.markUndone(record, "other", "2026-11-20T16:00:00.000Z");
    await watch.refresh();
    expect(watch.facts("shop")).not.toBe(first);
    world.pass(5_000);
    const request = buildRequest({ command: "ready", targets: ["read_nodes/db3"] });
    await desk.operations.run(await desk.operations.plan(request));
    await watch.refresh();
    expect(watch.facts("shop")?.takenOut).toEqual([]);
  });

  it("is not known while the journal cannot be read, and known again afterwards", async () => {
    await drain();
    await watch.refresh();
    const known = await desk.journal.list(null);
    const unreadable = createJournalWatch(
      { list: async () => (records === null ? Promise.reject(new Error("gone")) : records) },
      ["shop"],
      { after: () => () => {} },
    );
    records = known;
    await unreadable.refresh();
    const first = unreadable.facts("shop");
    records = null;
    await unreadable.refresh();
    expect(unreadable.facts("shop")).toBeNull();
    records = known;
    await unreadable.refresh();
    expect(unreadable.facts("shop")).toEqual(first);
  });
});
