import { Alert, Button, Group, PasswordInput, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, told } from "@/api/client";
import { Problem } from "@/api/problem";
import { meQuery, sessionsQuery } from "@/api/queries";
import { useFieldText } from "@/shared/field-problem";
import { useProblemText } from "@/shared/states";

/** The password of the portal, which is that of the extension's phones too. */
export function Password() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: me } = useSuspenseQuery(meQuery);
  const words = useFieldText();
  const problem = useProblemText();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const differ = again !== "" && again !== next;
  const change = useMutation({
    mutationFn: () => told(api.PUT("/api/v1/password", { body: { current, new: next } })),
    onSuccess: () => {
      for (const clear of [setCurrent, setNext, setAgain]) {
        clear("");
      }
      notifications.show({ color: "teal", message: t("password.saved") });
      void queries.invalidateQueries({ queryKey: meQuery.queryKey });
      void queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  const { error } = change;
  const at = (field: string) => (error instanceof Problem ? words(error.field(field)) : undefined);
  const elsewhere = error !== null && at("current") === undefined && at("new") === undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <Stack gap="sm">
        {me.password_is_weak && (
          <Alert color="yellow" role="status">
            {t("password.weak")}
          </Alert>
        )}
        {elsewhere && (
          <Alert color="red" role="alert">
            {problem(error)}
          </Alert>
        )}
        {/* Password managers want to know whose it is. */}
        <input type="text" name="username" autoComplete="username" value={me.account} readOnly hidden />
        <Field label={t("password.current")} autoComplete="current-password" value={current} change={setCurrent} error={at("current")} />
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <Field label={t("password.new")} autoComplete="new-password" value={next} change={setNext} error={at("new")} />
          <Field
            label={t("password.again")}
            autoComplete="new-password"
            value={again}
            change={setAgain}
            error={differ ? words("not-the-same") : undefined}
          />
        </Group>
        <Group>
          <Button type="submit" variant="light" loading={change.isPending} disabled={current === "" || next === "" || next !== again}>
            {t("password.change")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface Typed {
  readonly label: string;
  readonly autoComplete: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly error: string | undefined;
}

function Field({ change, ...field }: Typed) {
  const { t } = useTranslation();
  return (
    <PasswordInput
      miw={200}
      {...field}
      visibilityToggleButtonProps={{ "aria-label": t("login.show") }}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}
