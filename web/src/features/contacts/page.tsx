import { Stack, Tabs, Title } from "@mantine/core";
import { IconAddressBook, IconDeviceLandlinePhone } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ContactList } from "./contact-list";
import { ExtensionList } from "./extension-list";

/** Whom one can call: the phone book, and everybody inside (manual 1.3, EXT-04). */
export function Contacts() {
  const { t } = useTranslation();
  const { tab = "contacts" } = useSearch({ from: "/shell/contacts" });
  const navigate = useNavigate({ from: "/contacts" });
  return (
    <Stack>
      <Title order={1} size="h3">
        {t("nav.contacts")}
      </Title>
      <Tabs
        value={tab}
        onChange={(value) => void navigate({ search: { tab: value === "extensions" ? value : undefined } })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="contacts" leftSection={<IconAddressBook size={18} aria-hidden />}>
            {t("contacts.tab")}
          </Tabs.Tab>
          <Tabs.Tab value="extensions" leftSection={<IconDeviceLandlinePhone size={18} aria-hidden />}>
            {t("extensions.tab")}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="contacts">
          <ContactList />
        </Tabs.Panel>
        <Tabs.Panel value="extensions">
          <ExtensionList />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
