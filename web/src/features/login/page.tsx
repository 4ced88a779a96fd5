import { Alert, Button, Center, Group, Menu, Paper, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { useForm } from "react-hook-form";
import { IconLanguage } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, told } from "@/api/client";
import { Problem } from "@/api/problem";
import { meQuery } from "@/api/queries";
import { LanguageItems, SchemeItems } from "@/app/account-menu";
import { useProblemText } from "@/shared/states";

/** The way in (manual 1.1): extension and password. */
export function Login() {
  const { t } = useTranslation();
  return (
    <Center mih="100dvh" p="md">
      <Stack w={360} maw="100%">
        <Group justify="flex-end">
          <Menu position="bottom-end" width={200}>
            <Menu.Target>
              <Button variant="subtle" color="gray" size="xs" leftSection={<IconLanguage size={16} />}>
                {t("account.language")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <LanguageItems />
              <SchemeItems />
            </Menu.Dropdown>
          </Menu>
        </Group>
        <Paper component="main" withBorder shadow="sm" p="xl">
          <Stack>
            <Title order={1} size="h2" ta="center">
              {t("product")}
            </Title>
            <LoginForm />
          </Stack>
        </Paper>
      </Stack>
    </Center>
  );
}

interface Typed {
  readonly account: string;
  readonly password: string;
}

function LoginForm() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { to, why } = useSearch({ from: "/login" });
  const [problem, setProblem] = useState<Problem>();
  const [capsLock, setCapsLock] = useState(false);
  const { register, handleSubmit, formState, resetField } = useForm<Typed>();
  const enter = async (typed: Typed) => {
    setProblem(undefined);
    try {
      queries.setQueryData(meQuery.queryKey, await logIn(typed));
    } catch (refused) {
      resetField("password");
      setProblem(refused instanceof Problem ? refused : undefined);
      return;
    }
    await navigate({ to: to ?? "/" });
  };
  return (
    <form onSubmit={(event) => void handleSubmit(enter)(event)}>
      <Stack>
        {problem !== undefined ? <Refused key={String(problem.retryAfterSeconds)} problem={problem} /> : why === "ended" && <Alert role="status">{t("login.ended")}</Alert>}
        <TextInput
          label={t("login.account")}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
          {...register("account", { required: true, setValueAs: (text: string) => text.trim() })}
        />
        <PasswordInput
          label={t("login.password")}
          autoComplete="current-password"
          description={capsLock ? t("login.capsLock") : undefined}
          visibilityToggleButtonProps={{ "aria-label": t("login.show") }}
          onKeyUp={(event) => setCapsLock(event.getModifierState("CapsLock"))}
          {...register("password", { required: true })}
        />
        <Button type="submit" fullWidth loading={formState.isSubmitting}>
          {t("login.submit")}
        </Button>
      </Stack>
    </form>
  );
}

/** Why nobody was let in; after too many attempts, until when. */
function Refused({ problem }: { problem: Problem }) {
  const { t } = useTranslation();
  const words = useProblemText();
  const [left, setLeft] = useState(problem.retryAfterSeconds ?? 0);
  useEffect(() => {
    const timer = setInterval(() => setLeft((seconds) => Math.max(0, seconds - 1)), 1_000);
    return () => clearInterval(timer);
  }, []);
  const text =
    problem.code === "wrong-credentials" || problem.code === "invalid"
      ? t("login.wrong")
      : problem.code === "portal-off"
        ? t("login.portalOff")
        : left > 0
          ? t("login.locked", { count: left })
          : words(problem);
  return (
    <Alert color="red" role="alert">
      {text}
    </Alert>
  );
}

/** The document leaves out the body of a login, so that no tool keeps a password by accident. */
async function logIn(typed: Typed) {
  const body = typed as unknown as never;
  return told(api.POST("/api/v1/session", { body }));
}
