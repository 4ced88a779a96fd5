import { Button, Group, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { IconLayoutGrid, IconList } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { directoryQuery, type Entry } from "@/api/queries";
import { useGrowing } from "@/shared/growing";
import { Presence, STATES, stateOf } from "@/shared/presence";
import { SearchField } from "@/shared/search-field";
import { Empty } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { ExtensionCards } from "./extension-cards";
import { ExtensionOptions } from "./extension-options";
import { counted, found } from "./states";

/** Everybody inside, and what he is doing at this moment (EXT-01, EXT-02). */
export function ExtensionList() {
  const { t } = useTranslation();
  const { q = "", state, view = "list" } = useSearch({ from: "/shell/contacts" });
  const navigate = useNavigate({ from: "/contacts" });
  const { data } = useSuspenseQuery(directoryQuery);
  // Ten thousand of them change often; what is typed comes first.
  const entries = useDeferredValue(data);
  const shown = found(entries, q, state);
  const [count, end] = useGrowing(`${q} ${state ?? ""} ${view}`);
  const first = shown.slice(0, count);
  const columns = useColumns();
  const to = (next: { q?: string | undefined; state?: typeof state; view?: "cards" | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <Stack>
      <Group justify="space-between">
        <SearchField label={t("extensions.search")} value={q} search={(sought) => to({ q: sought || undefined })} />
        <Group gap="xs">
          <StateFilter entries={entries} state={state} choose={(chosen) => to({ state: chosen })} />
          <SegmentedControl
            aria-label={t("extensions.view")}
            value={view}
            onChange={(chosen) => to({ view: chosen === "cards" ? chosen : undefined })}
            data={[
              { value: "list", label: <IconList size={18} role="img" aria-label={t("extensions.list")} /> },
              { value: "cards", label: <IconLayoutGrid size={18} role="img" aria-label={t("extensions.cards")} /> },
            ]}
          />
        </Group>
      </Group>
      {shown.length === 0 ? (
        <Empty
          action={
            <Button variant="light" onClick={() => to({ q: undefined, state: undefined })}>
              {t("table.clear")}
            </Button>
          }
        >
          {t("table.none")}
        </Empty>
      ) : view === "cards" ? (
        <ExtensionCards entries={first} />
      ) : (
        <DataTable label={t("extensions.tab")} columns={columns} rows={first} rowKey={(entry) => entry.number} />
      )}
      {first.length < shown.length ? <div ref={end} style={{ height: 1 }} /> : null}
      {shown.length > 0 && (
        <Text size="sm" c="dimmed" role="status">
          {t("table.total", { count: shown.length })}
        </Text>
      )}
    </Stack>
  );
}

function useColumns(): readonly Column<Entry>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      {
        key: "name",
        title: t("extensions.columns.name"),
        cell: (entry) => (
          <Text span size="sm" fw={500}>
            {entry.name || entry.number}
          </Text>
        ),
      },
      { key: "number", title: t("extensions.columns.number"), oneLine: true, cell: (entry) => entry.number },
      { key: "state", title: t("extensions.columns.state"), oneLine: true, cell: (entry) => <Presence state={entry.state} /> },
      { key: "options", title: t("extensions.columns.options"), oneLine: true, cell: (entry) => <ExtensionOptions entry={entry} /> },
    ],
    [t],
  );
}

interface StateFilterProps {
  readonly entries: readonly Entry[];
  readonly state: (typeof STATES)[number] | undefined;
  readonly choose: (state: (typeof STATES)[number] | undefined) => void;
}

function StateFilter({ entries, state, choose }: StateFilterProps) {
  const { t } = useTranslation();
  const counts = counted(entries);
  return (
    <Select
      w={170}
      aria-label={t("extensions.columns.state")}
      allowDeselect={false}
      value={state ?? ALL}
      onChange={(chosen) => choose(chosen === null || chosen === ALL ? undefined : stateOf(chosen))}
      data={[
        { value: ALL, label: `${t("extensions.all")} (${entries.length})` },
        ...STATES.map((value) => ({ value, label: `${t(`state.${value}`)} (${counts.get(value) ?? 0})` })),
      ]}
    />
  );
}

const ALL = "all";
