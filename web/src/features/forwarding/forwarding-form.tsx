import { ActionIcon, Alert, Button, Card, Group, Select, Stack, Switch, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { directoryQuery, forwardingQuery, type Forwarding } from "@/api/queries";
import { replace } from "@/api/versioned";
import { ChangedElsewhere } from "@/shared/changed-elsewhere";
import { useDraft } from "@/shared/draft";
import { useFieldText } from "@/shared/field-problem";
import { FormEnd } from "@/shared/form-end";
import { LeaveGuard } from "@/shared/leave-guard";
import { NumberField } from "@/shared/number-field";
import { CASES, freeCases, shownRules, submitted, withAnother, type Case, type Rule } from "./forwarding";

/** 呼叫转移: the same as what `*71 *72 *73` set (CFW-01 to CFW-08). */
export function ForwardingForm() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: current } = useSuspenseQuery(forwardingQuery);
  const draft = useDraft<Forwarding>(current);
  const { value, set, dirty, problem } = draft;
  const rules = shownRules(value.rules);
  const setRules = (next: readonly Rule[]) => set({ ...value, rules: [...next] });
  const another = withAnother(rules);
  const submit = async () => {
    const saved = await draft.save(async (base) => {
      const body = submitted({ ...value, rules: shownRules(value.rules) });
      const answer = await replace(
        base,
        () => api.GET("/api/v1/forwarding"),
        (version) => api.PUT("/api/v1/forwarding", { body, params: { header: { "If-Match": version } } }),
      );
      queries.setQueryData(forwardingQuery.queryKey, answer);
      return answer;
    });
    if (saved) {
      notifications.show({ color: "teal", message: t("data.saved") });
    } else {
      await queries.invalidateQueries({ queryKey: forwardingQuery.queryKey });
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack>
        <InWords forwarding={value} dirty={dirty} />
        <LeaveGuard dirty={dirty} />
        <ChangedElsewhere draft={draft} />
        <Card withBorder>
          <Stack>
            <Switch
              label={t("forwarding.enabled")}
              description={t("forwarding.enabledHint")}
              checked={value.enabled}
              onChange={(event) => set({ ...value, enabled: event.currentTarget.checked })}
            />
            <Switch
              label={t("forwarding.active")}
              description={t("forwarding.activeHint")}
              checked={value.active}
              disabled={!value.enabled}
              onChange={(event) => set({ ...value, active: event.currentTarget.checked })}
            />
            {rules.map((rule, place) => (
              <RuleFields
                // Rules have no names; they never change their places.
                key={place}
                rule={rule}
                free={freeCases(rules, place)}
                disabled={!value.enabled}
                problem={problem?.field(`rules[${place}].to`) ?? (place === 0 ? problem?.field("rules") : undefined)}
                caseProblem={problem?.field(`rules[${place}].when`)}
                change={(changed) => setRules(rules.map((other, at) => (at === place ? changed : other)))}
                remove={rules.length > 1 ? () => setRules(rules.filter((_, at) => at !== place)) : undefined}
              />
            ))}
            {another.length > rules.length && (
              <Group>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  leftSection={<IconPlus size={16} />}
                  disabled={!value.enabled}
                  onClick={() => setRules(another)}
                >
                  {t("forwarding.another")}
                </Button>
              </Group>
            )}
            <FormEnd draft={draft} />
          </Stack>
        </Card>
      </Stack>
    </form>
  );
}

interface Fields {
  readonly rule: Rule;
  readonly free: readonly Case[];
  readonly disabled: boolean;
  readonly problem: string | undefined;
  readonly caseProblem: string | undefined;
  readonly change: (rule: Rule) => void;
  readonly remove: (() => void) | undefined;
}

function RuleFields({ rule, free, disabled, problem, caseProblem, change, remove }: Fields) {
  const { t } = useTranslation();
  const words = useFieldText();
  return (
    <Group align="flex-start" wrap="nowrap" gap="sm">
      <Group align="flex-start" grow preventGrowOverflow={false} gap="sm" style={{ flex: 1 }}>
        <NumberField
          label={t("forwarding.number")}
          placeholder={t("forwarding.numberHint")}
          miw={200}
          required={!disabled}
          withAsterisk={false}
          disabled={disabled}
          value={rule.to}
          error={words(problem)}
          onChange={(to) => change({ ...rule, to })}
        />
        <Select
          label={t("forwarding.case")}
          miw={160}
          disabled={disabled}
          allowDeselect={false}
          value={rule.when}
          error={words(caseProblem)}
          data={CASES.map((value) => ({ value, label: t(`forwarding.cases.${value}`), disabled: !free.includes(value) }))}
          onChange={(when) => when !== null && change({ ...rule, when: when as Case })}
        />
      </Group>
      {remove !== undefined && (
        <ActionIcon
          mt={28}
          variant="subtle"
          color="red"
          size="lg"
          disabled={disabled}
          onClick={remove}
          aria-label={t("forwarding.remove", { name: t(`forwarding.cases.${rule.when}`) })}
        >
          <IconTrash size={18} />
        </ActionIcon>
      )}
    </Group>
  );
}

/** What it comes to, in a sentence. */
function InWords({ forwarding, dirty }: { forwarding: Forwarding; dirty: boolean }) {
  const { t } = useTranslation();
  const { data: directory } = useSuspenseQuery(directoryQuery);
  const named = (number: string) => {
    const name = directory.find((entry) => entry.number === number)?.name ?? number;
    return name === number ? number : `${number} ${name}`;
  };
  const rules = forwarding.rules.filter(({ to }) => to.trim() !== "");
  const works = forwarding.enabled && forwarding.active && rules.length > 0;
  const clauses = rules.map(({ when, to }) => t(`forwarding.sentences.${when}`, { to: named(to.trim()) }));
  return (
    <Alert color={works ? "indigo" : "gray"} role="status">
      <Text fw={600}>
        {works
          ? clauses.join(t("forwarding.and"))
          : t(!forwarding.enabled ? "forwarding.off" : rules.length === 0 ? "forwarding.incomplete" : "forwarding.inactive")}
      </Text>
      {dirty && <Text size="sm">{t("form.afterSubmit")}</Text>}
    </Alert>
  );
}
