import { Combobox, Group, Kbd, Modal, ScrollArea, Text, TextInput, useCombobox } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconKeyboard, IconMoonOff, IconPhone, IconSearch, IconUser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { contactsQuery, directoryQuery } from "@/api/queries";
import { PAGES } from "@/app/pages";
import { Presence } from "@/shared/presence";
import { softphone, usePhone } from "@/softphone/softphone";
import { useDoNotDisturb } from "./dnd";
import { numberTyped, people } from "./found";
import classes from "./palette.module.css";

interface Choice {
  readonly id: string;
  readonly icon: ReactNode;
  readonly label: string;
  readonly beside?: ReactNode;
  readonly choose: () => void;
}

/** Everything by its name: people and numbers are called, pages are gone to, a few things are done. */
export function Palette({ close, openSheet }: { close: () => void; openSheet: () => void }) {
  const { t } = useTranslation();
  const [sought, setSought] = useState("");
  const combobox = useCombobox({ opened: true });
  const groups = useGroups(sought, openSheet);
  const choices = groups.flatMap(([, of]) => of);
  const first = choices[0]?.id;
  useEffect(() => {
    combobox.selectFirstOption();
    // The store changes with every choice that is made in it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [sought, first, choices.length]);
  return (
    <Modal opened onClose={close} withCloseButton={false} padding="xs" yOffset="12vh" size="lg" aria-label={t("palette.title")}>
      <Combobox
        store={combobox}
        onOptionSubmit={(id) => {
          close();
          choices.find((choice) => choice.id === id)?.choose();
        }}
      >
        <Combobox.EventsTarget>
          <TextInput
            data-autofocus
            size="md"
            variant="unstyled"
            leftSection={<IconSearch size={18} aria-hidden />}
            placeholder={t("palette.placeholder")}
            aria-label={t("palette.placeholder")}
            value={sought}
            onChange={(event) => setSought(event.currentTarget.value)}
          />
        </Combobox.EventsTarget>
        <ScrollArea.Autosize mah="56vh" type="scroll">
          <Combobox.Options>
            {choices.length === 0 && <Combobox.Empty>{t("table.none")}</Combobox.Empty>}
            {groups.map(
              ([name, of]) =>
                of.length > 0 && (
                  <Combobox.Group key={name} label={name}>
                    {of.map(({ id, icon, label, beside }) => (
                      <Combobox.Option key={id} value={id} className={classes["option"]}>
                        <Group gap="sm" wrap="nowrap">
                          {icon}
                          <Text span size="sm" truncate flex={1}>
                            {label}
                          </Text>
                          {beside}
                        </Group>
                      </Combobox.Option>
                    ))}
                  </Combobox.Group>
                ),
            )}
          </Combobox.Options>
        </ScrollArea.Autosize>
      </Combobox>
    </Modal>
  );
}

function useGroups(sought: string, openSheet: () => void): readonly (readonly [string, readonly Choice[]])[] {
  const { t } = useTranslation();
  const part = sought.trim().toLowerCase();
  const named = (choice: Choice) => choice.label.toLowerCase().includes(part);
  return [
    [t("palette.call"), usePeople(sought)],
    [t("palette.pages"), usePages().filter(named)],
    [t("palette.actions"), useActions(openSheet).filter(named)],
  ];
}

function usePeople(sought: string): readonly Choice[] {
  const { t } = useTranslation();
  const ready = usePhone().link === "registered";
  const { data: directory = [] } = useQuery(directoryQuery);
  const { data: contacts } = useQuery({ ...contactsQuery(sought.trim()), enabled: sought.trim() !== "" });
  const typed = numberTyped(sought);
  const found = people(sought, directory, contacts?.items ?? []);
  const dial = (number: string, name: string) => () =>
    ready ? softphone.dial(number, name) : notifications.show({ color: "yellow", message: t("dial.notRegistered") });
  const persons = found.map(({ name, number, state }) => ({
    id: `person ${name} ${number}`,
    icon: <IconUser size={18} aria-hidden />,
    label: name || number,
    beside: (
      <>
        {name !== "" && name !== number && (
          <Text span size="sm" c="dimmed">
            {number}
          </Text>
        )}
        {state !== undefined && <Presence state={state} />}
      </>
    ),
    choose: dial(number, name),
  }));
  if (typed === undefined || found.some((person) => person.number === typed)) {
    return persons;
  }
  const icon = <IconPhone size={18} aria-hidden />;
  return [{ id: "number", icon, label: t("home.callBack", { number: typed }), choose: dial(typed, "") }, ...persons];
}

function usePages(): readonly Choice[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return PAGES.map(({ to, name, icon: Icon, key }) => ({
    id: `page ${to}`,
    icon: <Icon size={18} aria-hidden />,
    label: t(`nav.${name}`),
    beside: (
      <Text span size="xs" c="dimmed">
        <Kbd size="xs">g</Kbd> <Kbd size="xs">{key}</Kbd>
      </Text>
    ),
    choose: () => void navigate({ to, search: {} }),
  }));
}

function useActions(openSheet: () => void): readonly Choice[] {
  const { t } = useTranslation();
  const dnd = useDoNotDisturb();
  return [
    ...(dnd === undefined
      ? []
      : [
          {
            id: "dnd",
            icon: <IconMoonOff size={18} aria-hidden />,
            label: t(dnd.on ? "palette.dndOff" : "palette.dndOn"),
            choose: dnd.turn,
          },
        ]),
    {
      id: "shortcuts",
      icon: <IconKeyboard size={18} aria-hidden />,
      label: t("palette.shortcuts"),
      beside: <Kbd size="xs">?</Kbd>,
      choose: openSheet,
    },
  ];
}
