import "@mantine/dates/styles.layer.css";
import "dayjs/locale/zh-cn";
import { Button, Group, Select, Stack, Switch, TextInput } from "@mantine/core";
import { DateInput, DatesProvider } from "@mantine/dates";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FieldProblem } from "@/api/problem";
import { useFieldText } from "@/shared/field-problem";
import { dayOf, oneOf } from "@/shared/params";
import { spans, STATUSES, TYPES, type CallsSearch } from "./filter";

interface FilterBarProps {
  readonly search: CallsSearch;
  readonly today: string;
  readonly wrong: readonly FieldProblem[];
  readonly apply: (next: CallsSearch) => void;
}

/** By what records are looked for: 开始 结束 类型 号码, and beyond the manual how they ended and whether they were recorded. */
export function FilterBar({ search, today, wrong, apply }: FilterBarProps) {
  const { t, i18n } = useTranslation();
  const text = useFieldText();
  const errorOf = (field: string) => text(wrong.find((problem) => problem.field === field)?.code);
  const { from = today, to = today } = search;
  return (
    <DatesProvider settings={{ locale: i18n.language === "en" ? "en" : "zh-cn" }}>
      <Stack gap="xs" component="search">
        <Group align="flex-start" gap="sm">
          <Day name="from" value={from} error={errorOf("from")} choose={(day) => apply({ from: day })} />
          <Day name="to" value={to} error={errorOf("to")} choose={(day) => apply({ to: day })} />
          <Select
            label={t("calls.type")}
            style={FIELD}
            allowDeselect={false}
            value={search.type ?? "all"}
            data={["all" as const, ...TYPES].map((type) => ({ value: type, label: t(`calls.types.${type}`) }))}
            onChange={(type) => apply({ type: oneOf(TYPES, type) })}
          />
          <NumberSought key={search.number} value={search.number ?? ""} error={errorOf("number")} seek={(number) => apply({ number })} />
        </Group>
        <Group gap="xs">
          {SPANS.map((span) => {
            const { from: first, to: last } = spans(today)[span];
            const chosen = from === first && to === last;
            return (
              <Button
                key={span}
                size="compact-sm"
                variant={chosen ? "light" : "subtle"}
                aria-pressed={chosen}
                onClick={() => apply(span === "today" ? { from: undefined, to: undefined } : { from: first, to: last })}
              >
                {t(`calls.spans.${span}`)}
              </Button>
            );
          })}
          <Select
            size="xs"
            w={110}
            aria-label={t("calls.columns.status")}
            allowDeselect={false}
            value={search.status ?? "all"}
            data={[
              { value: "all", label: t("calls.anyStatus") },
              ...STATUSES.map((status) => ({ value: status, label: t(`calls.statuses.${status}`) })),
            ]}
            onChange={(status) => apply({ status: oneOf(STATUSES, status) })}
          />
          <Switch
            size="sm"
            label={t("calls.recorded")}
            checked={search.recorded === true}
            onChange={(event) => apply({ recorded: event.currentTarget.checked || undefined })}
          />
        </Group>
      </Stack>
    </DatesProvider>
  );
}

interface DayProps {
  readonly name: "from" | "to";
  readonly value: string;
  readonly error: string | undefined;
  readonly choose: (day: string) => void;
}

function Day({ name, value, error, choose }: DayProps) {
  const { t } = useTranslation();
  return (
    <DateInput
      label={t(`calls.${name}`)}
      style={FIELD}
      valueFormat="YYYY-MM-DD"
      // A day that the calendar does not have is not moved to another.
      dateParser={(typed) => dayOf(typed) ?? null}
      value={value}
      error={error}
      onChange={(day) => day !== null && day !== value && choose(day)}
    />
  );
}

/** The other party's number. Only whole numbers are found, so that it is looked for once it is entered. */
function NumberSought({ value, error, seek }: { value: string; error: string | undefined; seek: (number: string | undefined) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(value);
  return (
    <form
      style={{ flex: "2 1 250px", maxWidth: 320 }}
      onSubmit={(event) => {
        event.preventDefault();
        seek(typed.trim() === "" ? undefined : typed.trim());
      }}
    >
      <Group align="flex-start" gap="sm" wrap="nowrap">
        <TextInput
          label={t("calls.number")}
          style={FIELD}
          inputMode="tel"
          value={typed}
          error={error}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" color="green" mt={25} leftSection={<IconSearch size={18} aria-hidden />}>
          {t("calls.search")}
        </Button>
      </Group>
    </form>
  );
}

const FIELD = { flex: "1 1 130px", maxWidth: 180 } as const;
const SPANS = ["today", "week", "month"] as const;
