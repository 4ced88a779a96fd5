import { ActionIcon, Autocomplete, Button, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconBackspace, IconPhone } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { contactsQuery, directoryQuery } from "@/api/queries";
import { dialable, softphone, usePhone } from "@/softphone/softphone";

/** The keypad with its number field: typed, pasted, clicked or chosen by name (manual 1.2). */
export function Dialler() {
  const { t } = useTranslation();
  const { link } = usePhone();
  const [typed, setTyped] = useState("");
  const [last, setLast] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const people = usePeople(typed);
  const ready = link === "registered";
  const call = () => {
    const person = people.find((other) => other.value === typed);
    const number = person?.number ?? dialable(typed);
    if (number !== "" && ready) {
      softphone.dial(number, person?.name ?? "");
      setLast(typed);
      setTyped("");
    }
  };
  return (
    <Stack gap="sm">
      <Autocomplete
        ref={field}
        size="md"
        aria-label={t("dial.number")}
        placeholder={t("dial.placeholder")}
        value={typed}
        onChange={setTyped}
        data={people.map((person) => person.value)}
        filter={({ options }) => options}
        limit={6}
        inputMode="tel"
        rightSection={
          typed !== "" && (
            <ActionIcon variant="subtle" color="gray" onClick={() => setTyped(typed.slice(0, -1))} aria-label={t("dial.backspace")}>
              <IconBackspace size={20} />
            </ActionIcon>
          )
        }
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            call();
          } else if (event.key === "ArrowUp" && typed === "" && last !== "") {
            setTyped(last);
          }
        }}
      />
      <Keypad
        press={(key) => setTyped((before) => before + key)}
        hold={(key) => key === "0" && setTyped((before) => `${before.slice(0, -1)}+`)}
      />
      <Button size="lg" color="green" leftSection={<IconPhone size={20} />} onClick={call} disabled={!ready || typed.trim() === ""}>
        {t("dial.call")}
      </Button>
      {!ready && link !== "connecting" && (
        <Text size="xs" c="dimmed" ta="center">
          {t("dial.notRegistered")}
        </Text>
      )}
    </Stack>
  );
}

/** The twelve keys with their letters. `hold` is told of one that is kept down. */
export function Keypad({ press, hold }: { press: (key: string) => void; hold?: (key: string) => void }) {
  const { t } = useTranslation();
  const timer = useRef<number>(undefined);
  return (
    <SimpleGrid cols={3} spacing="xs">
      {KEYS.map(([key, letters]) => (
        <Button
          key={key}
          variant="default"
          h={52}
          aria-label={t("dial.key", { key })}
          onClick={() => press(key)}
          onPointerDown={() => (timer.current = window.setTimeout(() => hold?.(key), HELD_MS))}
          onPointerUp={() => window.clearTimeout(timer.current)}
          onPointerLeave={() => window.clearTimeout(timer.current)}
        >
          <Stack gap={0} align="center">
            <Text fw={600} size="lg" lh={1.1}>
              {key}
            </Text>
            <Text size="10px" c="dimmed" lh={1.1}>
              {letters}
            </Text>
          </Stack>
        </Button>
      ))}
    </SimpleGrid>
  );
}

interface Person {
  readonly value: string;
  readonly name: string;
  readonly number: string;
}

/** Colleagues and contacts whose name or number holds what was typed. */
function usePeople(typed: string): readonly Person[] {
  const sought = typed.trim().toLowerCase();
  const { data: directory = [] } = useQuery(directoryQuery);
  const { data: contacts } = useQuery({ ...contactsQuery(sought), enabled: sought.length > 1 });
  if (sought === "") {
    return [];
  }
  const colleagues = directory.filter(
    (entry) => entry.number.includes(sought) || entry.name.toLowerCase().includes(sought),
  );
  const known = [
    ...colleagues.map(({ name, number }) => ({ name, number })),
    ...(contacts?.items ?? []).map(({ name, phone }) => ({ name, number: phone })),
  ];
  const people = new Map(known.map((person) => [`${person.name} ${person.number}`, person]));
  return [...people].map(([value, person]) => ({ value, ...person }));
}

const KEYS = [
  ["1", ""],
  ["2", "ABC"],
  ["3", "DEF"],
  ["4", "GHI"],
  ["5", "JKL"],
  ["6", "MNO"],
  ["7", "PQRS"],
  ["8", "TUV"],
  ["9", "WXYZ"],
  ["*", ""],
  ["0", "+"],
  ["#", ""],
] as const;

const HELD_MS = 600;
