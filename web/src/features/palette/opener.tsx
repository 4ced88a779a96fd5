import { ActionIcon, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

const Palette = lazy(() => import("./palette").then(({ Palette: component }) => ({ default: component })));
const Sheet = lazy(() => import("./sheet").then(({ Sheet: component }) => ({ default: component })));

/** Opens the palette by Ctrl or Cmd and K, also while something is typed, and the sheet of keys by `?`. */
export function PaletteOpener() {
  const { t } = useTranslation();
  const [open, setOpen] = useState<"palette" | "sheet" | undefined>();
  const close = () => setOpen(undefined);
  useHotkeys([["mod+K", () => setOpen((before) => (before === "palette" ? undefined : "palette"))]], []);
  const openSheet = () => setOpen("sheet");
  // With Shift on most keyboards.
  useHotkeys([
    ["shift+?", openSheet],
    ["?", openSheet],
  ]);
  return (
    <>
      <Tooltip label={t("palette.title")}>
        <ActionIcon
          size="lg"
          variant="subtle"
          color="gray"
          onClick={() => setOpen("palette")}
          aria-label={t("palette.title")}
          aria-keyshortcuts="Control+K Meta+K"
        >
          <IconSearch size={20} />
        </ActionIcon>
      </Tooltip>
      <Suspense>
        {open === "palette" && <Palette close={close} openSheet={openSheet} />}
        {open === "sheet" && <Sheet close={close} />}
      </Suspense>
    </>
  );
}
