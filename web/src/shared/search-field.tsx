import { ActionIcon, CloseButton, Group, TextInput } from "@mantine/core";
import { useDebouncedCallback, useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

/** Searches while one types, and at once by the button or Enter. `/` leads to it. */
export function SearchField({ label, value, search }: { label: string; value: string; search: (sought: string) => void }) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  if (told !== value) {
    // The address changed by itself: by the back button, or by a link.
    setTold(value);
    if (typed.trim() !== value) {
      setTyped(value);
    }
  }
  const later = useDebouncedCallback((sought: string) => search(sought.trim()), SEARCHED_AFTER_MS);
  const now = (sought: string) => {
    later.cancel();
    search(sought.trim());
  };
  useHotkeys([["/", () => field.current?.focus()]]);
  return (
    <Group gap={4} wrap="nowrap" component="search" style={{ flex: "1 1 220px" }} maw={400}>
      <TextInput
        ref={field}
        aria-label={label}
        placeholder={label}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          later(event.currentTarget.value);
        }}
        onKeyDown={(event) => event.key === "Enter" && now(typed)}
        rightSection={
          typed !== "" && (
            <CloseButton
              size="sm"
              aria-label={t("table.clear")}
              onClick={() => {
                setTyped("");
                now("");
                field.current?.focus();
              }}
            />
          )
        }
        style={{ flexGrow: 1 }}
      />
      <ActionIcon variant="default" size={36} onClick={() => now(typed)} aria-label={t("table.search")}>
        <IconSearch size={18} />
      </ActionIcon>
    </Group>
  );
}

const SEARCHED_AFTER_MS = 250;
