import { Badge, NavLink, Tooltip } from "@mantine/core";
import { IconCircleMinus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { settingsQuery } from "@/api/queries";
import { useRefused } from "@/shared/refused";
import { useSaveSettings } from "@/shared/save-settings";

/** 免打扰 within reach on every page: the same as `*74` and `*074` (SET-02). */
export function DndSwitch({ wide }: { wide: boolean }) {
  const { t } = useTranslation();
  const { data: settings } = useQuery(settingsQuery);
  const save = useSaveSettings();
  const refused = useRefused();
  const on = settings?.dnd ?? false;
  const name = t("settings.dnd");
  return (
    <Tooltip label={name} disabled={wide} position="right">
      <NavLink
        component="button"
        type="button"
        role="switch"
        aria-checked={on}
        aria-label={name}
        disabled={settings === undefined}
        label={wide ? name : undefined}
        active={on}
        color="grape"
        leftSection={<IconCircleMinus size={20} stroke={1.6} aria-hidden />}
        rightSection={
          wide ? (
            <Badge size="sm" color={on ? "grape" : "gray"} variant={on ? "filled" : "default"}>
              {t(on ? "settings.on" : "settings.off")}
            </Badge>
          ) : undefined
        }
        onClick={() => save.mutate({ dnd: !on }, { onError: refused })}
        style={{ borderRadius: "var(--mantine-radius-md)" }}
      />
    </Tooltip>
  );
}
