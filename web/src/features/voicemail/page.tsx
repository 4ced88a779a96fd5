import { Button, Checkbox, Group, Pagination, SegmentedControl, Stack, Table, Text, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { directoryQuery, voicemailQuery, type Voicemail } from "@/api/queries";
import { Empty } from "@/shared/states";
import { usePending } from "@/shared/undo";
import { useMessageActions } from "./actions";
import { MessageCard, MessageRow, type Shown } from "./message";
import { cut, removing, select, SHOWN, type Sought } from "./messages";

/** What callers left (manual 1.5): listened to, marked, downloaded, deleted. */
export function Messages() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/shell/voicemail" });
  const navigate = useNavigate({ from: "/voicemail" });
  const state: Sought = { show: "all", page: 1, ...search };
  const go = (next: Partial<Sought>) =>
    void navigate({ search: { ...search, ...next }, replace: true, resetScroll: false });
  const { data: messages } = useSuspenseQuery(voicemailQuery);
  const found = select(messages, state, removing(usePending()));
  const { items, page, pages } = cut(found, state.page);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const selected = found.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t("nav.voicemail")}
        </Title>
        <SegmentedControl
          aria-label={t("voicemail.show")}
          value={state.show}
          onChange={(show) => go({ show: show as Sought["show"], page: 1, open: undefined })}
          data={SHOWN.map((value) => ({ value, label: t(`voicemail.shown.${value}`) }))}
        />
      </Group>
      {found.length === 0 ? (
        <Nothing state={state} clear={() => go({ show: "all", page: 1 })} />
      ) : (
        <>
          <Bulk all={found} selected={selected} choose={(ids) => setChosen(new Set(ids))} />
          <List
            items={items}
            state={state}
            selected={selected}
            choose={(ids) => setChosen(new Set(ids))}
            open={(id) => go({ open: id })}
          />
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {t("table.total", { count: found.length })}
            </Text>
            {pages > 1 && (
              <Pagination
                value={page}
                total={pages}
                onChange={(next) => go({ page: next, open: undefined })}
                getItemProps={(number) => ({ "aria-label": t("table.page", { page: number }) })}
              />
            )}
          </Group>
        </>
      )}
    </Stack>
  );
}

function Nothing({ state, clear }: { state: Sought; clear: () => void }) {
  const { t } = useTranslation();
  return (
    <Empty
      action={
        state.show !== "all" && (
          <Button variant="light" onClick={clear}>
            {t("table.clear")}
          </Button>
        )
      }
    >
      {t(state.show === "all" ? "voicemail.none" : "table.none")}
    </Empty>
  );
}

/** What is done with all that are selected. */
function Bulk({ all, selected, choose }: { all: readonly Voicemail[]; selected: readonly number[]; choose: (ids: readonly number[]) => void }) {
  const { t } = useTranslation();
  const { mark, remove } = useMessageActions();
  const act = (what: () => void) => () => {
    what();
    choose([]);
  };
  return (
    <Group gap="sm" mih={36}>
      <Checkbox
        checked={selected.length === all.length}
        indeterminate={selected.length > 0 && selected.length < all.length}
        onChange={() => choose(selected.length === all.length ? [] : all.map(({ id }) => id))}
        label={selected.length > 0 ? t("voicemail.selected", { count: selected.length }) : t("voicemail.selectAll")}
      />
      {selected.length > 0 && (
        <Group gap="xs">
          <Button size="compact-sm" variant="light" onClick={act(() => mark(selected, true))}>
            {t("voicemail.markRead")}
          </Button>
          <Button size="compact-sm" variant="light" onClick={act(() => mark(selected, false))}>
            {t("voicemail.markUnread")}
          </Button>
          <Button size="compact-sm" variant="light" color="red" onClick={act(() => remove(selected))}>
            {t("voicemail.delete")}
          </Button>
        </Group>
      )}
    </Group>
  );
}

interface Listed {
  readonly items: readonly Voicemail[];
  readonly state: Sought;
  readonly selected: readonly number[];
  readonly choose: (ids: readonly number[]) => void;
  readonly open: (id: number | undefined) => void;
}

function List({ items, state, selected, choose, open }: Listed) {
  const { t } = useTranslation();
  const { data: directory } = useSuspenseQuery(directoryQuery);
  const { mark, heard, remove } = useMessageActions();
  const wide = useMediaQuery("(min-width: 40em)", true, { getInitialValueInEffect: false });
  // What somebody opened by hand is heard at once; what an address opens waits for him.
  const [started, setStarted] = useState<number>();
  const shown = items.map((message): Shown => {
    const { id } = message;
    const isOpen = state.open === id;
    const isSelected = selected.includes(id);
    return {
      message,
      name: message.from_name || (directory.find((entry) => entry.number === message.from)?.name ?? ""),
      open: isOpen,
      autoPlay: started === id,
      selected: isSelected,
      toggle: () => {
        setStarted(id);
        open(isOpen ? undefined : id);
      },
      select: () => choose(isSelected ? selected.filter((other) => other !== id) : [...selected, id]),
      mark: (read) => mark([id], read),
      heard: () => heard(id),
      remove: () => remove([id]),
    };
  });
  if (!wide) {
    return (
      <Stack gap="xs">
        {shown.map((one) => (
          <MessageCard key={one.message.id} {...one} />
        ))}
      </Stack>
    );
  }
  return (
    <Table.ScrollContainer minWidth={620}>
      <Table verticalSpacing="xs" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={40} aria-label={t("voicemail.selectAll")} />
            {(["time", "from", "duration", "status", "options"] as const).map((column) => (
              <Table.Th key={column}>{t(`voicemail.columns.${column}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((one) => (
            <MessageRow key={one.message.id} {...one} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
