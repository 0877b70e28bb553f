import type { Plugin } from "esbuild";

export declare const ONE_CELL_EACH: string;
export declare const ONE_GRAPHEME_EACH: string;
export declare const textShortcuts: Plugin;
