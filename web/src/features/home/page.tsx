import { ActionIcon, Alert, Anchor, Button, Card, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconArrowDownLeft, IconArrowsLeftRight, IconArrowUpRight, IconBell, IconPhone, IconPhoneX } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useRouteContext } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "@/api/live";
import { callsQuery, directoryQuery, type Call } from "@/api/queries";
import { canAsk } from "@/features/dock/notify";
import { short, stamp } from "@/shared/format";
import { Empty } from "@/shared/states";
import { softphone, usePhone } from "@/softphone/softphone";

/** The first page: what happened of late, and whom to call back. The dialler is in the dock beside it. */
export function Home() {
  const { t } = useTranslation();
  const { me } = useRouteContext({ from: "/shell" });
  const { data: calls } = useSuspenseQuery(callsQuery({ page: 1 }));
  const { newMessages } = useLive();
  const missed = calls.items.filter((call) => isMissed(call, me.number ?? ""));
  return (
    <Stack>
      <Title order={1} size="h3">
        {t("nav.home")}
      </Title>
      <AskForNotifications />
      <SimpleGrid cols={{ base: 2, sm: 3 }}>
        <Counter label={t("home.missed")} count={missed.length} />
        <Counter label={t("home.newMessages")} count={newMessages} />
      </SimpleGrid>
      <Group justify="space-between">
        <Title order={2} size="h5">
          {t("home.recent")}
        </Title>
        <Anchor size="sm" renderRoot={(props) => <Link {...props} to="/calls" />}>
          {t("home.all")}
        </Anchor>
      </Group>
      {calls.items.length === 0 ? (
        <Empty>{t("home.noCalls")}</Empty>
      ) : (
        <Stack gap="xs">
          {calls.items.slice(0, SHOWN).map((call) => (
            <Recent key={call.id} call={call} own={me.number ?? ""} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function Counter({ label, count }: { label: string; count: number }) {
  return (
    <Card withBorder padding="md">
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fw={700} size="xl">
        {count}
      </Text>
    </Card>
  );
}

function Recent({ call, own }: { call: Call; own: string }) {
  const { t } = useTranslation();
  const { link } = usePhone();
  const { data: directory } = useSuspenseQuery(directoryQuery);
  const called = call.caller === own;
  const number = called ? call.callee : call.caller;
  const known = directory.find((entry) => entry.number === number)?.name;
  const name = (called ? known : call.caller_name || known) ?? number;
  const missed = isMissed(call, own);
  const Icon = missed ? IconPhoneX : call.type === "internal" ? IconArrowsLeftRight : called ? IconArrowUpRight : IconArrowDownLeft;
  return (
    <Card withBorder padding="xs" component="article">
      <Group justify="space-between" wrap="nowrap">
        <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
          <Icon size={20} color={missed ? "var(--mantine-color-red-text)" : undefined} aria-hidden />
          <div style={{ minWidth: 0 }}>
            <Text truncate>{name || t("call.anonymous")}</Text>
            <Text size="xs" c="dimmed">
              {name !== number && `${number} · `}
              {t(`calls.types.${call.type as "internal"}`)} · {t(`calls.statuses.${call.status as "answered"}`)}
              {call.duration_seconds > 0 && ` · ${short(call.duration_seconds)}`}
            </Text>
          </div>
        </Group>
        <Group gap="xs" wrap="nowrap">
          <Text size="sm" c="dimmed" component="time" visibleFrom="xs">
            {stamp(call.start).slice(5, 16)}
          </Text>
          {number !== "" && (
            <ActionIcon
              variant="light"
              color="green"
              size="lg"
              disabled={link !== "registered"}
              onClick={() => softphone.dial(number, name === number ? "" : name)}
              aria-label={t("home.callBack", { number })}
            >
              <IconPhone size={18} />
            </ActionIcon>
          )}
        </Group>
      </Group>
    </Card>
  );
}

function AskForNotifications() {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(!canAsk());
  if (asked) {
    return null;
  }
  return (
    <Alert icon={<IconBell />} color="indigo">
      <Group justify="space-between">
        <Text size="sm">{t("call.enableNotifications")}</Text>
        <Group gap="xs">
          <Button size="xs" onClick={() => void Notification.requestPermission().finally(() => setAsked(true))}>
            {t("call.allow")}
          </Button>
          <Button size="xs" variant="subtle" onClick={() => setAsked(true)}>
            {t("call.later")}
          </Button>
        </Group>
      </Group>
    </Alert>
  );
}

function isMissed(call: Call, own: string): boolean {
  return call.caller !== own && call.status !== "answered";
}

const SHOWN = 12;
