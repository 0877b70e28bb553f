/** The screens of the README. */

export interface ScreenSpec {
  /** As in its markers. */
  readonly id: string;
  readonly columns: number;
  readonly rows: number;
  /** Typed in turn, each once its text is on screen. */
  readonly keys: readonly { readonly shown: string | RegExp; readonly key: string }[];
  /** On screen when it is taken. */
  readonly until: string | RegExp;
}

const TROUBLE = /db4 .*Yes\/No/;

export const SCREENS: readonly ScreenSpec[] = [
  { id: "nodes", columns: 80, rows: 24, keys: [], until: TROUBLE },
  { id: "wide", columns: 200, rows: 24, keys: [], until: TROUBLE },
  {
    id: "detail",
    columns: 120,
    rows: 48,
    keys: [
      { shown: TROUBLE, key: "G" },
      { shown: /▶ .*db4/, key: "\r" },
    ],
    until: /History[\s\S]*\nEsc back/,
  },
];
