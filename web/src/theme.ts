// Dark and quiet: what needs an eye is the only thing with a strong colour.

import { createTheme } from "@mantine/core";

export const theme = createTheme({
  primaryColor: "teal",
  primaryShade: 5,
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  colors: {
    dark: [
      "#d9dfe6",
      "#b3bcc7",
      "#93a0ae",
      "#64717f",
      "#333d49",
      "#252d37",
      "#1a2028",
      "#12171d",
      "#0d1115",
      "#080b0e",
    ],
  },
});
