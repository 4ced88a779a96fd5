import { Button, Group, Pagination, Stack, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useRouteContext, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { CALLS_PER_PAGE, callsQuery } from "@/api/queries";
import { Problem } from "@/api/problem";
import { Empty, Failed, Rows } from "@/shared/states";
import { useToday } from "@/shared/today";
import { CallDrawer } from "./drawer";
import { csvAddress, filterOf, type CallsSearch } from "./filter";
import { FilterBar } from "./filter-bar";
import { CallTable } from "./table";

/** The calls in which one took part (manual 1.4, CDR-01 to CDR-15). */
export function Calls() {
  const { t } = useTranslation();
  const { me } = useRouteContext({ from: "/shell" });
  const search = useSearch({ from: "/shell/calls" });
  const navigate = useNavigate({ from: "/calls" });
  const today = useToday(me.timezone);
  const filter = filterOf(search, today);
  const calls = useQuery(callsQuery(filter));
  const { items = [], total = 0 } = calls.data ?? {};
  const wrong = calls.error instanceof Problem ? calls.error.fields : [];
  const untold = calls.isError && (wrong.length === 0 || wrong.some((problem) => !FIELDS.has(problem.field)));
  const pages = Math.ceil(total / CALLS_PER_PAGE);
  const apply = (next: CallsSearch) => void navigate({ search: { ...search, page: undefined, ...CLOSED, ...next } });
  const isChanged = Object.entries(search).some(([name, value]) => value !== undefined && !UNFILTERED.has(name));
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t("nav.calls")}
        </Title>
        <Button
          component="a"
          href={csvAddress(filter)}
          download="calls.csv"
          variant="default"
          leftSection={<IconDownload size={18} aria-hidden />}
          data-disabled={total === 0 || undefined}
          onClick={(event) => total === 0 && event.preventDefault()}
        >
          {t("calls.export")}
        </Button>
      </Group>
      <FilterBar search={search} today={today} wrong={wrong} apply={apply} />
      {untold && <Failed error={calls.error} retry={() => void calls.refetch()} />}
      {calls.isPending && <Rows />}
      {calls.isSuccess && items.length === 0 && (
        <Empty
          action={
            isChanged && (
              <Button variant="light" onClick={() => void navigate({ search: {} })}>
                {t("table.clear")}
              </Button>
            )
          }
        >
          {t("table.none")}
        </Empty>
      )}
      {items.length > 0 && <CallTable calls={items} />}
      {calls.isSuccess && (
        <Group justify="space-between">
          <Text size="sm" c="dimmed" role="status">
            {t("table.total", { count: total })}
          </Text>
          <Pagination
            total={pages}
            value={search.page ?? 1}
            hideWithOnePage
            onChange={(page) => void navigate({ search: { ...search, page: page > 1 ? page : undefined } })}
            getItemProps={(page) => ({ "aria-label": t("table.page", { page }) })}
          />
        </Group>
      )}
      <CallDrawer
        id={search.open}
        known={items}
        play={search.play === true}
        close={() => void navigate({ search: { ...search, ...CLOSED } })}
      />
    </Stack>
  );
}

const CLOSED = { open: undefined, play: undefined } as const;
/** Where the filter bar says what is wrong. */
const FIELDS: ReadonlySet<string> = new Set(["from", "to", "number"]);
/** What of an address hides no records. */
const UNFILTERED: ReadonlySet<string> = new Set(["open", "play", "page"]);
