import { render } from "ink-testing-library";
import { describe, expect, it } from "vitest";
import { segment } from "../../../../src/ui/paint.ts";
import type { ScreenModel } from "../../../../src/ui/selectors/screen.ts";
import { Screen } from "../../../../src/ui/views/screen.tsx";

const layout = { tiny: false, columns: 100, rows: 15, headerRows: 2, bodyRows: 9, alertRows: 3, footerRows: 1 };

function model(word: string): ScreenModel {
  const body = Array.from({ length: 9 }, (_, index) => ({
    key: `row-${index}`,
    line: [segment(index === 0 ? word : "")],
    background: null,
  }));
  return {
    kind: "full",
    layout,
    header: [[segment("signalbox")], [segment("tabs")]],
    body,
    tour: [],
    alerts: [[segment("alerts")], [], []],
    bar: null,
    footer: [segment("keys")],
  };
}

describe("Screen", () => {
  it("draws every part on its own line, exactly as many as there are rows", () => {
    const { lastFrame } = render(<Screen model={model("ubuntu1")} themeName="mono" color={false} unicode />);
    const lines = (lastFrame() ?? "").split("\n");
    expect(lines).toHaveLength(15);
    expect([lines[0], lines[1], lines[2], lines[11], lines[14]]).toEqual([
      "signalbox",
      "tabs",
      "ubuntu1",
      "alerts",
      "keys",
    ]);
  });

  it("draws a change in place", () => {
    const { lastFrame, rerender } = render(<Screen model={model("before")} themeName="mono" color={false} unicode />);
    rerender(<Screen model={model("after")} themeName="mono" color={false} unicode />);
    expect(lastFrame()).toContain("after");
    expect(lastFrame()).not.toContain("before");
  });

  it("writes ASCII only where the terminal knows no more", () => {
    const { lastFrame } = render(<Screen model={model("数据 ●")} themeName="mono" color={false} unicode={false} />);
    expect(lastFrame()).toMatch(/^[\x20-\x7e\n]*$/);
    expect(lastFrame()).toContain("???? ?");
  });
});
