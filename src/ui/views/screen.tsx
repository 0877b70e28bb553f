/** The whole screen: exactly as many rows and columns as the terminal has, never more. */
import { Box } from "ink";
import { useMemo } from "react";
import { Row } from "../components/row.tsx";
import { foldToAscii } from "../format/text.ts";
import { ASCII_GLYPHS, UNICODE_GLYPHS } from "../glyphs.ts";
import { type Line, paintLine } from "../paint.ts";
import type { BodyLine } from "../selectors/body-line.ts";
import type { ScreenModel } from "../selectors/screen.ts";
import type { ColorDepth } from "../theme/depth.ts";
import { createTheme, type Theme, type ThemeFile } from "../theme.ts";

export interface ScreenProps {
  readonly model: ScreenModel;
  readonly themeName: string;
  readonly color: boolean;
  /** 256 unless told. */
  readonly colorDepth?: ColorDepth;
  /** Themes of the user. */
  readonly themes?: readonly ThemeFile[];
  readonly unicode: boolean;
}

type Paint = (line: Line, background?: BodyLine["background"]) => string;

const NO_THEMES: readonly ThemeFile[] = [];

export function Screen({ model, themeName, color, colorDepth = "256", themes = NO_THEMES, unicode }: ScreenProps) {
  const depth = color ? colorDepth : "none";
  const paint = useMemo(() => {
    const theme = createTheme(themeName, depth, themes) ?? createTheme("dark", depth);
    return createPaint(theme, unicode);
  }, [themeName, depth, themes, unicode]);
  const { columns, rows } = model.layout;
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      {model.kind === "tiny" ? <Lines lines={model.lines} paint={paint} /> : <FullScreen model={model} paint={paint} />}
    </Box>
  );
}

function FullScreen({
  model,
  paint,
}: {
  readonly model: Extract<ScreenModel, { kind: "full" }>;
  readonly paint: Paint;
}) {
  return (
    <>
      <Lines lines={model.header} paint={paint} />
      <Body body={model.body} paint={paint} />
      <Lines lines={model.tour} paint={paint} />
      <Lines lines={model.alerts} paint={paint} />
      {model.bar === null ? null : <Row text={paint(model.bar)} />}
      <Row text={paint(model.footer)} />
    </>
  );
}

/** Rows are known by their place, not by what they show: scrolling then changes texts instead of moving Yoga nodes. */
function Body({ body, paint }: { readonly body: readonly BodyLine[]; readonly paint: Paint }) {
  return body.map(({ line, background }, index) => <Row key={String(index)} text={paint(line, background)} />);
}

function Lines({ lines, paint }: { readonly lines: readonly Line[]; readonly paint: Paint }) {
  return lines.map((line, index) => <Row key={String(index)} text={paint(line)} />);
}

function createPaint(theme: Theme | null, unicode: boolean): Paint {
  const glyphs = unicode ? UNICODE_GLYPHS : ASCII_GLYPHS;
  return (line, background = null) => {
    const shown = glyphs.unicode ? line : line.map((part) => ({ ...part, text: foldToAscii(part.text) }));
    return theme === null ? "" : paintLine(shown, theme, background);
  };
}
