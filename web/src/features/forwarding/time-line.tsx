import { Group, Progress, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useRouteContext } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { settingsQuery, type FollowMe } from "@/api/queries";
import { STEP_SECONDS, totalSeconds } from "./forwarding";

/** Who rings when, on a line; the whole time at its end. */
export function TimeLine({ followMe }: { followMe: FollowMe }) {
  const { t } = useTranslation();
  const { me } = useRouteContext({ from: "/shell" });
  const { data: settings } = useSuspenseQuery(settingsQuery);
  const total = totalSeconds(followMe);
  const parts = [
    { number: me.number ?? "", seconds: followMe.ring_seconds },
    ...followMe.steps.map(({ number, seconds = STEP_SECONDS }) => ({ number, seconds })),
  ].filter(({ seconds }) => seconds > 0);
  if (total === 0) {
    return null;
  }
  return (
    <div>
      <Progress.Root size={24} aria-hidden>
        {parts.map(({ number, seconds }, place) => (
          <Progress.Section key={number} value={(seconds / total) * 100} color={COLOURS[place % COLOURS.length] ?? "indigo"}>
            <Progress.Label>{number}</Progress.Label>
          </Progress.Section>
        ))}
      </Progress.Root>
      <Group justify="space-between" mt={4}>
        <Text size="xs" c="dimmed">
          0 {t("followMe.seconds")}
        </Text>
        <Text size="sm">{t("followMe.total", { count: total })}</Text>
        <Text size="xs" c="dimmed">
          {total} {t("followMe.seconds")} → {t(settings.voicemail ? "followMe.mailbox" : "followMe.hangUp")}
        </Text>
      </Group>
    </div>
  );
}

/** Two neighbours differ, also for who sees no colours. */
const COLOURS = ["indigo.8", "indigo.5"];
