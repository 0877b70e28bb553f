import { describe, expect, it } from "vitest";
import { STATE_TOKENS } from "../../../../src/ui/columns/cells.ts";
import { HEALTH_TOKENS } from "../../../../src/ui/selectors/header.ts";
import { toLab, toRgb } from "../../../../src/ui/theme/colour.ts";
import { THEMES, type ThemeFile, type Token } from "../../../../src/ui/theme.ts";
import { deltaE2000, seeAs, VISIONS, type Vision } from "../../../support/colour-vision.ts";

/** Twice what makes another colour name. */
const HEALTH_APART = 15;
const STATES_APART = 12;

function theme(name: string): ThemeFile {
  const found = THEMES.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no theme ${name}`);
  return found;
}

/** What the eye meets: the block where there is one, else the letters. */
function colourOf({ tokens, foreground }: ThemeFile, token: Token) {
  return toRgb(tokens[token].bg ?? tokens[token].fg ?? foreground);
}

/** The two of the tokens that look most alike. */
function closest(shown: ThemeFile, tokens: readonly Token[], vision: Vision): { pair: string; apart: number } {
  let least = { pair: "", apart: Number.POSITIVE_INFINITY };
  for (const [index, one] of tokens.entries()) {
    for (const other of tokens.slice(index + 1)) {
      const [left, right] = [one, other].map((token) => toLab(seeAs(colourOf(shown, token), vision)));
      const apart = left === undefined || right === undefined ? 0 : deltaE2000(left, right);
      if (apart < least.apart) least = { pair: `${one} and ${other}`, apart };
    }
  }
  return least;
}

const HEALTH = Object.values(HEALTH_TOKENS);
const STATES = Object.values(STATE_TOKENS);

describe("the measure", () => {
  it.each([
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, -1.3802, -84.2814], [50, 0, -82.7485], 1.0],
    [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  ] as const)("agrees with the published pairs of CIEDE2000: %j and %j are %d apart", (one, other, expected) => {
    expect(deltaE2000(one, other)).toBeCloseTo(expected, 4);
  });

  it("knows that red and green look alike to some, and blue and yellow to nobody of them", () => {
    const apart = (one: string, other: string, vision: Vision) =>
      deltaE2000(toLab(seeAs(toRgb(one), vision)), toLab(seeAs(toRgb(other), vision)));
    expect(apart("#c05020", "#708020", "deuteranopia")).toBeLessThan(apart("#c05020", "#708020", "full") / 3);
    for (const vision of VISIONS) expect(apart("#3070d0", "#e0c030", vision)).toBeGreaterThan(30);
  });

  it("finds the trap it is there for: the health of the dark theme is not told apart by everybody", () => {
    expect(closest(theme("dark"), HEALTH, "deuteranopia").apart).toBeLessThan(HEALTH_APART);
  });
});

describe.each(VISIONS)("the colour-blind theme seen with %s", (vision) => {
  const label = vision === "full" ? "full colour vision" : vision;

  it(`keeps the healths apart (${label})`, () => {
    const { pair, apart } = closest(theme("colour-blind"), HEALTH, vision);
    expect(apart, pair).toBeGreaterThan(HEALTH_APART);
  });

  it(`keeps the states of servers apart (${label})`, () => {
    const { pair, apart } = closest(theme("colour-blind"), STATES, vision);
    expect(apart, pair).toBeGreaterThan(STATES_APART);
  });
});

describe("every other coloured theme", () => {
  it.each(["dark", "light", "high-contrast"])("%s keeps the healths apart for full colour vision", (name) => {
    const { pair, apart } = closest(theme(name), HEALTH, "full");
    expect(apart, pair).toBeGreaterThan(HEALTH_APART);
  });
});
