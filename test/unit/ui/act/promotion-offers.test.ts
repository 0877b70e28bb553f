import { describe, expect, it } from "vitest";
import { hasWork, isRefused, selectUnacceptedLoss } from "../../../../src/ui/act/plan-standing.ts";
import { selectOffers } from "../../../../src/ui/act/promotion-offers.ts";
import { buildRequest } from "../../../../src/ui/act/request.ts";
import { buildGuard, buildPromotion, buildPromotionPlan } from "../../../support/plans.ts";

const request = (failover: boolean, acceptLoss = false) =>
  buildRequest("promote", "shop", { targets: ["db2"], promotion: { failover, acceptLoss } });
const refusal = (message: string) => ({ kind: "refused", message, candidates: [] }) as const;
const keys = (shown: Parameters<typeof selectOffers>[0]) => selectOffers(shown).map(({ key }) => key);
const lossy = { promotion: buildPromotion({ mode: "failover", knownLoss: "2 transactions" }) };

describe("a failover is offered", () => {
  it.each([
    ["when the refusal names it", "db1 is silent. Use `signalbox promote db2 --failover`.", ["f"]],
    ["not when the refusal is about something else", "db2 is the primary already.", []],
  ])("%s", (_when, message, wanted) => {
    expect(keys({ request: request(false), plan: null, refusal: refusal(message) })).toEqual(wanted);
  });

  it("when a guard that refuses names it, and not when one that only warns does", () => {
    const advice = "When it is dead: --failover.";
    const plan = (verdict: "block" | "warn") =>
      buildPromotionPlan(request(false), { guards: [buildGuard({ verdict, advice })] });
    expect(keys({ request: request(false), plan: plan("block"), refusal: null })).toEqual(["f"]);
    expect(keys({ request: request(false), plan: plan("warn"), refusal: null })).toEqual([]);
  });

  it("neither within a failover, nor for another command, nor before the engine has answered", () => {
    const named = refusal("--failover");
    expect(keys({ request: request(true), plan: null, refusal: named })).toEqual([]);
    expect(keys({ request: buildRequest("drain", "shop", { targets: ["db2"] }), plan: null, refusal: named })).toEqual(
      [],
    );
    expect(keys({ request: request(false), plan: null, refusal: null })).toEqual([]);
  });

  it("with a request that accepts no loss yet", () => {
    const [offer] = selectOffers({ request: request(false), plan: null, refusal: refusal("--failover") });
    expect(offer?.request.promotion).toEqual({ failover: true, acceptLoss: false });
  });
});

describe("a known loss", () => {
  it("refuses the plan until it was accepted, whatever guards say", () => {
    const open = buildPromotionPlan(request(true), lossy);
    expect(selectUnacceptedLoss(open)).toBe("2 transactions");
    expect(isRefused(open)).toBe(true);
    expect(isRefused(buildPromotionPlan(request(true, true), lossy))).toBe(false);
  });

  it("is not asked about where an operation is carried on or taken back", () => {
    expect(selectUnacceptedLoss(buildPromotionPlan(request(true), { ...lossy, carriesOn: true }))).toBeNull();
    expect(selectUnacceptedLoss(buildPromotionPlan(request(true), { ...lossy, concerns: "id" }))).toBeNull();
  });

  it.each([
    [false, true],
    [true, false],
  ])("accepted: %s; l asks for %s", (accepted, wanted) => {
    const plan = buildPromotionPlan(request(true, accepted), lossy);
    const offers = selectOffers({ request: request(true, accepted), plan, refusal: null });
    expect(offers.map(({ key, request: { promotion } }) => [key, promotion?.acceptLoss])).toEqual([["l", wanted]]);
  });

  it("is offered by the guard that asks for it, and by nothing where nothing is lost", () => {
    const guards = [buildGuard({ guard: "known-loss", verdict: "block", advice: "else type --accept-loss." })];
    expect(
      keys({ request: request(true), plan: buildPromotionPlan(request(true), { guards }), refusal: null }),
    ).toEqual(["l"]);
    expect(keys({ request: request(true), plan: buildPromotionPlan(request(true)), refusal: null })).toEqual([]);
  });
});

describe("an operation that is carried on", () => {
  it("has work even when no step is left: it is closed in the journal", () => {
    const plan = buildPromotionPlan(request(false), { steps: [], carriesOn: true });
    expect(hasWork(plan)).toBe(true);
    expect(hasWork({ ...plan, carriesOn: false })).toBe(false);
  });
});
