import { ActionIcon, Button, Card, Checkbox, Group, Stack, Table, Text, Tooltip } from "@mantine/core";
import { IconDownload, IconMail, IconMailOpened, IconPhone, IconPlayerPlayFilled, IconPlayerStopFilled, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { peaksQuery, type Voicemail } from "@/api/queries";
import { clock, stamp } from "@/shared/format";
import { Player } from "@/shared/player";
import { softphone, usePhone } from "@/softphone/softphone";

/** A message and what can be done with it. */
export interface Shown {
  readonly message: Voicemail;
  /** Its caller's name; empty when nobody knows it. */
  readonly name: string;
  readonly open: boolean;
  /** Whether it is to be heard at once. */
  readonly autoPlay: boolean;
  readonly selected: boolean;
  readonly toggle: () => void;
  readonly select: () => void;
  readonly mark: (read: boolean) => void;
  readonly heard: () => void;
  readonly remove: () => void;
}

/** One row of the table; the player stands in a second one. */
export function MessageRow(shown: Shown) {
  const { message, open } = shown;
  const weight = message.read ? undefined : 600;
  return (
    <>
      <Table.Tr bg={shown.selected ? "var(--mantine-primary-color-light)" : undefined}>
        <Table.Td>
          <Select {...shown} />
        </Table.Td>
        <Table.Td style={{ whiteSpace: "nowrap" }}>
          <Text size="sm" fw={weight} component="time">
            {stamp(message.time)}
          </Text>
        </Table.Td>
        <Table.Td maw={220}>
          <From {...shown} />
        </Table.Td>
        <Table.Td>{clock(message.duration_seconds)}</Table.Td>
        <Table.Td>
          <Status {...shown} />
        </Table.Td>
        <Table.Td>
          <Options {...shown} />
        </Table.Td>
      </Table.Tr>
      {open && (
        <Table.Tr>
          <Table.Td colSpan={6}>
            <Sound {...shown} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

/** The same in a narrow window. */
export function MessageCard(shown: Shown) {
  const { message, open } = shown;
  return (
    <Card withBorder padding="sm" component="article">
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
            <Select {...shown} />
            <From {...shown} />
          </Group>
          <Status {...shown} />
        </Group>
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            <time>{stamp(message.time)}</time> · {clock(message.duration_seconds)}
          </Text>
          <Options {...shown} />
        </Group>
        {open && <Sound {...shown} />}
      </Stack>
    </Card>
  );
}

function useLabel({ message, name }: Shown): string {
  const { t } = useTranslation();
  return `${name || message.from || t("call.anonymous")} ${stamp(message.time)}`;
}

function Select(shown: Shown) {
  const { t } = useTranslation();
  const label = useLabel(shown);
  return <Checkbox checked={shown.selected} onChange={shown.select} aria-label={t("voicemail.select", { label })} />;
}

function From({ message, name }: Shown) {
  const { t } = useTranslation();
  return (
    <div style={{ minWidth: 0 }}>
      <Text size="sm" truncate fw={message.read ? undefined : 600} title={name || undefined}>
        {name || message.from || t("call.anonymous")}
      </Text>
      {name !== "" && name !== message.from && (
        <Text size="xs" c="dimmed" truncate>
          {message.from}
        </Text>
      )}
    </div>
  );
}

/** 已读 or 未读, and the way to change that (VMW-03). */
function Status(shown: Shown) {
  const { t } = useTranslation();
  const { message, mark } = shown;
  const label = useLabel(shown);
  const Icon = message.read ? IconMailOpened : IconMail;
  const change = t(message.read ? "voicemail.markUnread" : "voicemail.markRead");
  return (
    <Tooltip label={change}>
      <Button
        size="compact-sm"
        variant={message.read ? "subtle" : "light"}
        color={message.read ? "gray" : "indigo"}
        leftSection={<Icon size={16} aria-hidden />}
        onClick={() => mark(!message.read)}
        aria-label={`${t(message.read ? "voicemail.read" : "voicemail.unread")}, ${change}: ${label}`}
      >
        {t(message.read ? "voicemail.read" : "voicemail.unread")}
      </Button>
    </Tooltip>
  );
}

function Options(shown: Shown) {
  const { t } = useTranslation();
  const { message, name, open, toggle, remove } = shown;
  const label = useLabel(shown);
  const ready = usePhone().link === "registered";
  return (
    <Group gap={4} wrap="nowrap">
      <Tooltip label={t(open ? "voicemail.close" : "voicemail.play")}>
        <ActionIcon variant="light" size="lg" onClick={toggle} aria-expanded={open} aria-label={`${t(open ? "voicemail.close" : "voicemail.play")}: ${label}`}>
          {open ? <IconPlayerStopFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t("voicemail.download")}>
        <ActionIcon
          component="a"
          href={`${audioOf(message)}?download=1`}
          download
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={`${t("voicemail.download")}: ${label}`}
        >
          <IconDownload size={18} />
        </ActionIcon>
      </Tooltip>
      {message.from !== "" && (
        <Tooltip label={ready ? t("voicemail.callBack") : t("dial.notRegistered")}>
          <ActionIcon
            variant="subtle"
            color="green"
            size="lg"
            aria-disabled={!ready}
            data-disabled={!ready || undefined}
            onClick={() => ready && softphone.dial(message.from, name === message.from ? "" : name)}
            aria-label={`${t("voicemail.callBack")}: ${label}`}
          >
            <IconPhone size={18} />
          </ActionIcon>
        </Tooltip>
      )}
      <Tooltip label={t("voicemail.delete")}>
        <ActionIcon variant="subtle" color="red" size="lg" onClick={remove} aria-label={`${t("voicemail.delete")}: ${label}`}>
          <IconTrash size={18} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

function Sound(shown: Shown) {
  const { message, heard, autoPlay } = shown;
  const label = useLabel(shown);
  const { data: picture } = useQuery(peaksQuery(message.id));
  return (
    <Player
      src={audioOf(message)}
      seconds={message.duration_seconds}
      label={label}
      peaks={picture?.peaks}
      autoPlay={autoPlay}
      onHeard={() => !message.read && heard()}
    />
  );
}

function audioOf(message: Voicemail): string {
  return `/api/v1/voicemail/${message.id}/audio`;
}
