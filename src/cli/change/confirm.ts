/** Questions of a changing command, and what counts as an answer. */
import type { OperationChoice, OperationQuestion, Plan } from "../../model/operation.ts";
import { printable } from "../../model/printable.ts";
import type { CliIo } from "../io.ts";
import { askKeys, type Keys, type Stopped } from "./keyboard.ts";

export type Confirmation = { readonly kind: "yes" } | { readonly kind: "no" } | Stopped;

const isEnter = (key: string) => key === "enter" || key === "ctrl-j";

/** The one key of a piece of input, Enter after it passed over; null for several keys, which nobody types at once. */
function singleKey(keys: Keys): string | null {
  const [first, second, third] = keys;
  if (first === undefined || third !== undefined) return null;
  return second === undefined || isEnter(second.key) ? first.key : null;
}

/** Reversible plans run on `y`. */
function confirmByKey(io: CliIo, signal: AbortSignal): Promise<Confirmation> {
  return askKeys<Confirmation>(io, "Run it? y runs it, n leaves: ", signal, (keys) => {
    const key = singleKey(keys);
    if (key === "y") return { kind: "yes" };
    return key === "n" || key === "esc" || key === "q" ? { kind: "no" } : undefined;
  });
}

class TypedWord {
  readonly #io: CliIo;
  readonly #word: string;
  #typed = "";

  constructor(io: CliIo, word: string) {
    this.#io = io;
    this.#word = word;
  }

  take(keys: Keys): Confirmation | undefined {
    for (const { key, text } of keys) {
      if (isEnter(key)) return { kind: this.#typed === this.#word ? "yes" : "no" };
      if (key === "esc") return { kind: "no" };
      if (key === "backspace") this.#erase(1);
      else if (key === "ctrl-u") this.#erase(this.#typed.length);
      else if (text !== null) this.#insert(text);
    }
    return undefined;
  }

  #insert(text: string): void {
    this.#typed += text;
    this.#io.stdout.write(printable(text));
  }

  #erase(count: number): void {
    const gone = Math.min(count, this.#typed.length);
    this.#typed = this.#typed.slice(0, this.#typed.length - gone);
    this.#io.stdout.write("\b \b".repeat(gone));
  }
}

/** Disruptive ones after the word is typed and Enter pressed; another word leaves. */
function confirmByWord(io: CliIo, word: string, what: string, signal: AbortSignal): Promise<Confirmation> {
  const typed = new TypedWord(io, word);
  const question = `${what}: type ${printable(word)} and press Enter to run it, Esc leaves: `;
  return askKeys<Confirmation>(io, question, signal, (keys) => typed.take(keys));
}

export function confirmPlan(io: CliIo, plan: Plan, signal: AbortSignal): Promise<Confirmation> {
  if (plan.danger === "reversible") return confirmByKey(io, signal);
  return confirmByWord(io, plan.confirmWord, describeDanger(plan), signal);
}

function describeDanger({ promotion }: Plan): string {
  if (promotion === undefined) return "Disruptive";
  const { mode, knownLoss, to } = promotion;
  if (knownLoss !== null) return `Disruptive, and this is lost for good: ${printable(knownLoss.replace(/[.!?]$/, ""))}`;
  return mode === "failover" ? `Disruptive: ${printable(to)} becomes the primary without the old one` : "Disruptive";
}

interface ChoiceKey {
  readonly key: string;
  readonly text: string;
}

const CHOICES: Readonly<Record<OperationChoice, ChoiceKey>> = {
  retry: { key: "r", text: "r tries again what failed" },
  undo: { key: "u", text: "u takes back what was done" },
  keep: { key: "k", text: "k keeps it as it is" },
  "shutdown-sessions": { key: "x", text: "x cuts the sessions that are left" },
  "wait-longer": { key: "w", text: "w waits as long again" },
};

/** What nobody answered: changes are taken back, a drain stays. */
function choiceOfNobody({ kind }: OperationQuestion): OperationChoice {
  return kind === "partly-failed" ? "undo" : "keep";
}

/** Asks until there is an answer; a terminal that is gone, or Ctrl-C, gives the answer that is safe. */
export async function chooseNext(
  io: CliIo,
  question: OperationQuestion,
  confirmWord: string,
  signal: AbortSignal,
  onInterrupt: () => void,
): Promise<OperationChoice> {
  const offered = question.choices.map((choice) => CHOICES[choice].text).join(", ");
  for (;;) {
    const answer = await askKeys<{ readonly kind: OperationChoice }>(io, `What now? ${offered}: `, signal, (keys) => {
      const key = singleKey(keys);
      const kind = question.choices.find((choice) => CHOICES[choice].key === key);
      return kind === undefined ? undefined : { kind };
    });
    if (answer.kind === "interrupted") onInterrupt();
    if (answer.kind === "interrupted" || answer.kind === "closed") return choiceOfNobody(question);
    if (answer.kind !== "shutdown-sessions") return answer.kind;
    const sure = await confirmByWord(io, confirmWord, "This cuts sessions and cannot be taken back", signal);
    if (sure.kind === "yes") return answer.kind;
  }
}
