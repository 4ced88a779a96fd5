import { Stack, Tabs, Title } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { FollowMeForm } from "./follow-me-form";
import { ForwardingForm } from "./forwarding-form";

/** Where calls go that are not taken (manual 1.7): 呼叫转移 and 一号通. */
export function ForwardingPage() {
  const { t } = useTranslation();
  const { tab = "forwarding" } = useSearch({ from: "/shell/forwarding" });
  const navigate = useNavigate({ from: "/forwarding" });
  return (
    <Stack maw={760}>
      <Title order={1} size="h3">
        {t("nav.forwarding")}
      </Title>
      <Tabs
        value={tab}
        onChange={(to) => void navigate({ search: to === "follow-me" ? { tab: to } : {}, replace: true })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="forwarding">{t("forwarding.tab")}</Tabs.Tab>
          <Tabs.Tab value="follow-me">{t("followMe.tab")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="forwarding">
          <ForwardingForm />
        </Tabs.Panel>
        <Tabs.Panel value="follow-me">
          <FollowMeForm />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
