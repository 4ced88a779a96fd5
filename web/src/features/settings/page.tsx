import { Card, Stack, Text, Title } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useRouteContext } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { agentQuery } from "@/api/queries";
import { AgentSection } from "./agent";
import { Answering } from "./answering";
import { AudioSection } from "./audio";
import { Appearance } from "./appearance";
import { Password } from "./password";
import { Sessions } from "./sessions";
import { WakeUps } from "./wake-ups";

/** What an extension's owner sets (manual 1.9), and what belongs to this browser. */
export function SettingsPage() {
  const { t } = useTranslation();
  const { me } = useRouteContext({ from: "/shell" });
  const { data: agent } = useSuspenseQuery(agentQuery);
  return (
    <Stack maw={760}>
      <Title order={1} size="h3">
        {t("nav.settings")}
      </Title>
      <Section id="answering" title={t("settings.answering")}>
        <Answering />
      </Section>
      {agent.queues.length > 0 && (
        <Section id="queues" title={t("agent.title")}>
          <AgentSection agent={agent} />
        </Section>
      )}
      <Section id="wake-ups" title={t("wakeUps.title")} about={t("wakeUps.about")}>
        <WakeUps zone={me.timezone} />
      </Section>
      <Section id="audio" title={t("audio.title")} about={t("audio.about")}>
        <AudioSection />
      </Section>
      <Section id="appearance" title={t("appearance.title")}>
        <Appearance />
      </Section>
      <Section id="password" title={t("password.title")} about={t("password.about")}>
        <Password />
      </Section>
      <Section id="sessions" title={t("sessions.title")} about={t("sessions.about")}>
        <Sessions />
      </Section>
    </Stack>
  );
}

function Section({ id, title, about, children }: { id: string; title: string; about?: string; children: ReactNode }) {
  return (
    <Card withBorder component="section" id={id} aria-labelledby={`${id}-title`}>
      <Stack>
        <div>
          <Title order={2} size="h5" id={`${id}-title`}>
            {title}
          </Title>
          {about !== undefined && (
            <Text size="sm" c="dimmed">
              {about}
            </Text>
          )}
        </div>
        {children}
      </Stack>
    </Card>
  );
}
