import { Alert, Anchor, Card, NumberInput, Stack, Switch, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useRouteContext } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { followMeQuery, settingsQuery, type FollowMe } from "@/api/queries";
import { replace } from "@/api/versioned";
import { ChangedElsewhere } from "@/shared/changed-elsewhere";
import { useDraft } from "@/shared/draft";
import { useFieldText } from "@/shared/field-problem";
import { FormEnd } from "@/shared/form-end";
import { LeaveGuard } from "@/shared/leave-guard";
import { AddStep } from "./add-step";
import { isSeconds, SECONDS_MAX, STEP_SECONDS, STEPS_MAX, totalSeconds } from "./forwarding";
import { StepList } from "./step-list";
import { TimeLine } from "./time-line";

/** 一号通: who is rung, one after another, when this extension does not answer (FM-01 to FM-08). */
export function FollowMeForm() {
  const { t } = useTranslation();
  const words = useFieldText();
  const queries = useQueryClient();
  const { data: current } = useSuspenseQuery(followMeQuery);
  const draft = useDraft<FollowMe>(current);
  const { value, set, dirty, problem } = draft;
  const known = isSeconds(value.ring_seconds, 0) && value.steps.every((step) => isSeconds(step.seconds, 1));
  const submit = async () => {
    const saved = await draft.save(async (base) => {
      const answer = await replace(
        base,
        () => api.GET("/api/v1/follow-me"),
        (version) => api.PUT("/api/v1/follow-me", { body: value, params: { header: { "If-Match": version } } }),
      );
      queries.setQueryData(followMeQuery.queryKey, answer);
      return answer;
    });
    if (saved) {
      notifications.show({ color: "teal", message: t("data.saved") });
    } else {
      await queries.invalidateQueries({ queryKey: followMeQuery.queryKey });
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
        <InWords followMe={value} dirty={dirty} />
        <LeaveGuard dirty={dirty} />
        <ChangedElsewhere draft={draft} />
        <Card withBorder>
          <Stack>
            <Switch
              label={t("followMe.enabled")}
              description={t("followMe.enabledHint")}
              checked={value.enabled}
              onChange={(event) => set({ ...value, enabled: event.currentTarget.checked })}
            />
            <NumberInput
              label={t("followMe.ring")}
              description={t("followMe.ringHint")}
              w={220}
              maw="100%"
              suffix={t("followMe.seconds")}
              min={0}
              max={SECONDS_MAX}
              allowDecimal={false}
              clampBehavior="none"
              disabled={!value.enabled}
              value={value.ring_seconds}
              error={words(isSeconds(value.ring_seconds, 0) ? problem?.field("ring_seconds") : "out-of-range")}
              // While it is empty it is no number; nothing is submitted then.
              onChange={(seconds) => set({ ...value, ring_seconds: seconds as number })}
            />
            <Text fw={600}>{t("followMe.list")}</Text>
            <StepList
              steps={value.steps}
              disabled={!value.enabled}
              problemOf={(place, field) => words(problem?.field(`steps[${place}].${field}`))}
              change={(steps) => set({ ...value, steps: [...steps] })}
            />
            {value.steps.length < STEPS_MAX ? (
              <AddStep
                steps={value.steps}
                disabled={!value.enabled}
                add={(step) => set({ ...value, steps: [...value.steps, step] })}
              />
            ) : (
              <Text size="sm" c="dimmed">
                {t("followMe.full", { count: STEPS_MAX })}
              </Text>
            )}
            {known && <TimeLine followMe={value} />}
            <FormEnd draft={draft} blocked={!known} />
          </Stack>
        </Card>
      </Stack>
    </form>
  );
}

/** What it comes to, in a sentence; who is not there in the end reaches the mailbox or nobody (FM-06). */
function InWords({ followMe, dirty }: { followMe: FollowMe; dirty: boolean }) {
  const { t } = useTranslation();
  const { me } = useRouteContext({ from: "/shell" });
  const { data: settings } = useSuspenseQuery(settingsQuery);
  const works = followMe.enabled && followMe.steps.length > 0;
  const parts = [
    ...(followMe.ring_seconds > 0 ? [{ number: me.number ?? "", seconds: followMe.ring_seconds }] : []),
    ...followMe.steps.map(({ number, seconds = STEP_SECONDS }) => ({ number, seconds })),
  ];
  const way = parts.map(({ number, seconds }) => t("followMe.part", { number, seconds })).join(t("followMe.next"));
  const end = t(settings.voicemail ? "followMe.endsInMailbox" : "followMe.endsInNothing");
  return (
    <Alert color={works ? "indigo" : "gray"} role="status">
      <Text fw={600}>
        {works
          ? t("followMe.sentence", { way, end, total: totalSeconds(followMe) })
          : t(followMe.enabled ? "followMe.empty" : "followMe.off")}
      </Text>
      {works && (
        <Anchor size="sm" renderRoot={(props) => <Link to="/settings" {...props} />}>
          {t("followMe.changeEnd")}
        </Anchor>
      )}
      {dirty && <Text size="sm">{t("form.afterSubmit")}</Text>}
    </Alert>
  );
}
