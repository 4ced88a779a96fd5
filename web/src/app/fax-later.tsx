import { NavLink, Tooltip } from "@mantine/core";
import { IconPrinter } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

/** 传真 in its place of the menu, with the reason why it leads nowhere (GEN-07). */
export function FaxLater({ wide }: { wide: boolean }) {
  const { t } = useTranslation();
  return (
    <Tooltip label={t("nav.faxLater")} position="right" events={{ hover: true, focus: true, touch: true }}>
      <NavLink
        component="button"
        type="button"
        aria-disabled
        aria-label={`${t("nav.fax")}: ${t("nav.faxLater")}`}
        label={wide ? t("nav.fax") : undefined}
        leftSection={<IconPrinter size={20} stroke={1.6} aria-hidden />}
        c="dimmed"
        style={{ borderRadius: "var(--mantine-radius-md)", cursor: "not-allowed" }}
      />
    </Tooltip>
  );
}
