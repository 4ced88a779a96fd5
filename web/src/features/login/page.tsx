import { Alert, Button, Center, Group, Menu, Paper, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { IconLanguage } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState, type FormEvent } from "react";
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
  const [entering, setEntering] = useState(false);
  const password = useRef<HTMLInputElement>(null);
  const enter = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    setProblem(undefined);
    setEntering(true);
    try {
      const account = String(typed.get("account")).trim();
      queries.setQueryData(meQuery.queryKey, await logIn({ account, password: String(typed.get("password")) }));
      await navigate({ to: to ?? "/" });
    } catch (refused) {
      setProblem(refused instanceof Problem ? refused : undefined);
      password.current?.select();
    } finally {
      setEntering(false);
    }
  };
  return (
    <form onSubmit={(event) => void enter(event)}>
      <Stack>
        {problem !== undefined ? <Refused key={String(problem.retryAfterSeconds)} problem={problem} /> : why === "ended" && <Alert role="status">{t("login.ended")}</Alert>}
        <TextInput
          label={t("login.account")}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          name="account"
          required
          withAsterisk={false}
          data-autofocus
        />
        <PasswordInput
          label={t("login.password")}
          autoComplete="current-password"
          description={capsLock ? t("login.capsLock") : undefined}
          visibilityToggleButtonProps={{ "aria-label": t("login.show") }}
          onKeyUp={(event) => setCapsLock(event.getModifierState("CapsLock"))}
          ref={password}
          name="password"
          required
          withAsterisk={false}
        />
        <Button type="submit" fullWidth loading={entering}>
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
