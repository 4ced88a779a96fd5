import { Button, Menu, useMantineColorScheme } from "@mantine/core";
import { IconCheck, IconChevronDown, IconLogout } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { Me } from "@/api/queries";
import { speak } from "@/i18n";
import { softphone } from "@/softphone/softphone";

/** Language, appearance, and the way out. */
export function AccountMenu({ me }: { me: Me }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const logout = async () => {
    softphone.stop();
    // Whether or not the server heard it, this page shows nothing any more.
    await api.DELETE("/api/v1/session").catch(() => undefined);
    queries.clear();
    await navigate({ to: "/login", search: { to: undefined, why: undefined } });
  };
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button variant="subtle" color="gray" rightSection={<IconChevronDown size={16} />}>
          {me.name} {me.number !== me.name && me.number}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <LanguageItems />
        <Menu.Divider />
        <SchemeItems />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void logout()}>
          {t("account.logout")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The languages, each in its own. */
export function LanguageItems() {
  const { t, i18n } = useTranslation();
  return (
    <>
      <Menu.Label>{t("account.language")}</Menu.Label>
      {(["zh-CN", "en"] as const).map((language) => (
        <Menu.Item
          key={language}
          lang={language}
          onClick={() => speak(language)}
          rightSection={i18n.language === language && <IconCheck size={16} />}
        >
          {language === "en" ? "English" : "中文"}
        </Menu.Item>
      ))}
    </>
  );
}

/** Light, dark, or as the system. */
export function SchemeItems() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Menu.Label>{t("account.theme")}</Menu.Label>
      {(["light", "dark", "auto"] as const).map((scheme) => (
        <Menu.Item
          key={scheme}
          onClick={() => setColorScheme(scheme)}
          rightSection={colorScheme === scheme && <IconCheck size={16} />}
        >
          {t(`account.${scheme}`)}
        </Menu.Item>
      ))}
    </>
  );
}
