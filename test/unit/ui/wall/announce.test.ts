import { describe, expect, it } from "vitest";
import { type AnnounceOptions, Announcer } from "../../../../src/ui/wall/announce.ts";
import type { Worsening } from "../../../../src/ui/wall/worsening.ts";

const worse: Worsening = { cluster: "shop", severity: "critical", what: "no-writer write_nodes" };

function announce(options: AnnounceOptions, worsenings: readonly Worsening[] = [worse]): string {
  const announcer = new Announcer(options);
  announcer.add(worsenings);
  return announcer.take(0);
}

describe("bell and notification", () => {
  it("are off unless asked for", () => {
    expect(announce({ bell: false, notify: null })).toBe("");
  });

  it("ring, and say what got worse in the way of the terminal", () => {
    expect(announce({ bell: true, notify: null })).toBe("\u0007");
    expect(announce({ bell: false, notify: "osc9" })).toBe("\u001b]9;shop CRITICAL: no-writer write_nodes\u0007");
    expect(announce({ bell: false, notify: "osc777" }, [worse, worse, worse])).toBe(
      "\u001b]777;notify;signalbox;shop CRITICAL: no-writer write_nodes, and 2 more\u0007",
    );
  });

  it("what a server says cannot end the sequence, add a field, or grow without end", () => {
    const what = `a\u0007\u001b]52;c;aGk=\u001b\\\u009c${"x".repeat(5_000)}`;
    for (const notify of ["osc9", "osc777"] as const) {
      const sent = announce({ bell: false, notify }, [{ ...worse, what }]);
      expect(sent.length).toBeLessThan(220);
      const inner = sent.slice(2, -1);
      expect(inner).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(inner.split(";")).toHaveLength(notify === "osc9" ? 2 : 4);
    }
  });

  it("come at most every ten seconds, and nothing of what happens meanwhile is forgotten", () => {
    const announcer = new Announcer({ bell: true, notify: "osc9" });
    announcer.add([worse]);
    expect(announcer.take(0)).not.toBe("");
    announcer.add([{ ...worse, cluster: "pay" }]);
    announcer.add([{ ...worse, cluster: "auth" }]);
    expect([announcer.take(1_000), announcer.take(9_999)]).toEqual(["", ""]);
    expect(announcer.take(10_000)).toBe("\u0007\u001b]9;pay CRITICAL: no-writer write_nodes, and 1 more\u0007");
    expect(announcer.take(60_000)).toBe("");
  });
});
