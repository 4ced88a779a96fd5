import { ActionIcon, Group, Menu } from "@mantine/core";
import {
  IconDots,
  IconEar,
  IconMail,
  IconMessageCircle,
  IconPhoneIncoming,
  IconSpeakerphone,
  IconUsers,
  IconVolume,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRouteContext } from "@tanstack/react-router";
import { useState, type ComponentPropsWithRef } from "react";
import { useTranslation } from "react-i18next";
import { featureCodesQuery, type Entry } from "@/api/queries";
import { CallButton } from "@/shared/call-button";
import { stateOf } from "@/shared/presence";
import { softphone, usePhone } from "@/softphone/softphone";
import { ACTIONS, callable, sensible, type Action } from "./states";

/** What can be done with an extension: a call by one click, and what its state and one's rights allow (EXT-03). */
export function ExtensionOptions({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const { me } = useRouteContext({ from: "/shell" });
  const [wanted, setWanted] = useState(false);
  if (entry.number === me.number) {
    return null;
  }
  const name = entry.name || entry.number;
  return (
    <Group gap={4} wrap="nowrap">
      {callable(entry, me.number) ? (
        <CallButton number={entry.number} name={name} label={t("contacts.call", { name })} />
      ) : (
        <span style={{ width: 34 }} />
      )}
      {wanted ? (
        <More entry={entry} name={name} mayMonitor={me.may_monitor} />
      ) : (
        // There may be hundreds of these; a menu is made for those that are used.
        <MoreButton name={name} aria-haspopup="menu" onClick={() => setWanted(true)} />
      )}
    </Group>
  );
}

function MoreButton({ name, ...button }: { name: string } & ComponentPropsWithRef<"button">) {
  const { t } = useTranslation();
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("extensions.more", { name })} {...button}>
      <IconDots size={18} />
    </ActionIcon>
  );
}

function More({ entry, name, mayMonitor }: { entry: Entry; name: string; mayMonitor: boolean }) {
  const { t } = useTranslation();
  const ready = usePhone().link === "registered";
  const codes = useCodes();
  const actions = ACTIONS.filter((action) => codes.has(action) && (mayMonitor || !MONITORS.has(action)));
  return (
    <Menu position="bottom-end" defaultOpened>
      <Menu.Target>
        <MoreButton name={name} />
      </Menu.Target>
      <Menu.Dropdown>
        {!ready && <Menu.Label>{t("dial.notRegistered")}</Menu.Label>}
        {actions.map((action) => {
          const Icon = ICONS[action];
          return (
            <Menu.Item
              key={action}
              leftSection={<Icon size={16} />}
              disabled={!ready || !sensible(action, stateOf(entry.state))}
              onClick={() => softphone.dial(`${codes.get(action) ?? ""}${entry.number}`, `${t(`extensions.actions.${action}`)} ${name}`)}
            >
              {t(`extensions.actions.${action}`)}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The codes of this system, which an administrator may have changed. */
function useCodes(): ReadonlyMap<string, string> {
  const { data = [] } = useQuery(featureCodesQuery);
  return new Map(data.filter(({ place }) => place === "idle").map(({ name, code }) => [name, code]));
}

const MONITORS: ReadonlySet<Action> = new Set(["listen", "whisper", "barge"]);

const ICONS = {
  pickup: IconPhoneIncoming,
  intercom: IconVolume,
  page: IconSpeakerphone,
  voicemail_direct: IconMail,
  listen: IconEar,
  whisper: IconMessageCircle,
  barge: IconUsers,
} as const;
