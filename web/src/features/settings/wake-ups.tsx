import { ActionIcon, Button, Chip, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconAlarm, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, told } from "@/api/client";
import { Problem } from "@/api/problem";
import { wakeUpsQuery, type WakeUp } from "@/api/queries";
import { useFieldText } from "@/shared/field-problem";
import { nowIn, stamp } from "@/shared/format";
import { useProblemText } from "@/shared/states";
import { usePending, useUndo } from "@/shared/undo";
import { inZone, WEEK } from "./moment";

/** 叫醒服务: what `*55` books, as a list (WU-01, WU-04). */
export function WakeUps({ zone }: { zone: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const pending = usePending();
  const undo = useUndo();
  const { data } = useSuspenseQuery(wakeUpsQuery);
  const booked = data.items.filter(({ id }) => !pending.has(`wake-up ${id}`));
  const cancel = ({ id, at }: WakeUp) =>
    undo({
      key: `wake-up ${id}`,
      message: t("wakeUps.cancelled", { at: shownAt(at) }),
      commit: async () => {
        try {
          await told(api.DELETE("/api/v1/wake-ups/{id}", { params: { path: { id } }, keepalive: true }));
        } finally {
          await queries.invalidateQueries({ queryKey: wakeUpsQuery.queryKey });
        }
      },
    });
  return (
    <Stack gap="sm">
      {booked.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("wakeUps.none")}
        </Text>
      )}
      {booked.map((wakeUp) => (
        <Group key={wakeUp.id} justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <IconAlarm size={18} aria-hidden />
            <div>
              <Text>{shownAt(wakeUp.at)}</Text>
              {wakeUp.days.length > 0 && (
                <Text size="xs" c="dimmed">
                  {WEEK.filter((day) => wakeUp.days.includes(day)).map((day) => t(`wakeUps.days.${day}`)).join(" ")}
                </Text>
              )}
            </div>
          </Group>
          <ActionIcon
            variant="subtle"
            color="red"
            size="lg"
            onClick={() => cancel(wakeUp)}
            aria-label={t("wakeUps.cancel", { at: shownAt(wakeUp.at) })}
          >
            <IconTrash size={18} />
          </ActionIcon>
        </Group>
      ))}
      <Book zone={zone} />
    </Stack>
  );
}

function Book({ zone }: { zone: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const words = useFieldText();
  const problem = useProblemText();
  const [day, setDay] = useState(() => nowIn(zone).slice(0, 10));
  const [time, setTime] = useState("");
  const [days, setDays] = useState<string[]>([]);
  const book = useMutation({
    mutationFn: () => told(api.POST("/api/v1/wake-ups", { body: { at: inZone(day, time, zone), days } })),
    onSuccess: () => {
      setTime("");
      setDays([]);
      return queries.invalidateQueries({ queryKey: wakeUpsQuery.queryKey });
    },
  });
  const { error } = book;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        book.mutate();
      }}
    >
      <Stack gap="sm">
        <Group align="flex-start">
          <TextInput
            type="date"
            label={t("wakeUps.day")}
            required
            withAsterisk={false}
            value={day}
            onChange={(event) => setDay(event.currentTarget.value)}
          />
          <TextInput
            type="time"
            label={t("wakeUps.time")}
            required
            withAsterisk={false}
            value={time}
            error={error && ((error instanceof Problem ? words(error.field("at")) : undefined) ?? problem(error))}
            onChange={(event) => setTime(event.currentTarget.value)}
          />
          <Button type="submit" mt={25} variant="light" loading={book.isPending}>
            {t("wakeUps.book")}
          </Button>
        </Group>
        <Group gap={6} role="group" aria-label={t("wakeUps.repeat")}>
          <Text size="sm">{t("wakeUps.repeat")}</Text>
          <Chip.Group multiple value={days} onChange={setDays}>
            {WEEK.map((one) => (
              <Chip key={one} value={one} size="xs">
                {t(`wakeUps.days.${one}`)}
              </Chip>
            ))}
          </Chip.Group>
        </Group>
      </Stack>
    </form>
  );
}

/** Day and minute: wake-up calls have no seconds. */
function shownAt(at: string): string {
  return stamp(at).slice(0, 16);
}
