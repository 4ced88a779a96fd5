import { createTheme } from "@mantine/core";

/** One accent, one radius, the system's own fonts. */
export const theme = createTheme({
  primaryColor: "indigo",
  defaultRadius: "md",
  fontFamily:
    'Inter, system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif',
  cursorType: "pointer",
  autoContrast: true,
  respectReducedMotion: true,
});
