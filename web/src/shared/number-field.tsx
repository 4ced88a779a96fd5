import { Autocomplete, Text, type AutocompleteProps } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { contactsQuery, directoryQuery } from "@/api/queries";

/** A number to type, or to choose by a name: extensions and contacts. */
export function NumberField(props: Omit<AutocompleteProps, "data" | "filter" | "renderOption">) {
  const { data: directory = [] } = useQuery(directoryQuery);
  const { data: contacts } = useQuery(contactsQuery(""));
  const names = new Map([
    ...(contacts?.items.map(({ phone, name }) => [phone, name] as const) ?? []),
    ...directory.map(({ number, name }) => [number, name] as const),
  ]);
  return (
    <Autocomplete
      inputMode="tel"
      autoComplete="off"
      spellCheck={false}
      limit={SHOWN_MAX}
      maxLength={NUMBER_MAX}
      {...props}
      data={[...names.keys()]}
      filter={({ options, search, limit }) => {
        const wanted = search.trim().toLowerCase();
        const fits = (option: (typeof options)[number]) =>
          "value" in option &&
          option.value !== wanted &&
          (option.value.startsWith(wanted) || (names.get(option.value) ?? "").toLowerCase().includes(wanted));
        return wanted === "" ? [] : options.filter(fits).slice(0, limit);
      }}
      renderOption={({ option }) => (
        <Text size="sm" truncate>
          {option.value}{" "}
          <Text span c="dimmed" size="sm">
            {names.get(option.value) !== option.value && names.get(option.value)}
          </Text>
        </Text>
      )}
    />
  );
}

const SHOWN_MAX = 8;
/** What people paste, with spaces and dashes. */
const NUMBER_MAX = 64;
