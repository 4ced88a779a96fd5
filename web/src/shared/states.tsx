import { Alert, Button, Center, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "@/api/problem";

/** What a problem means, in words of the user's language. */
export function useProblemText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    const code = error instanceof Problem ? error.code : "other";
    return t(`problem.${code}`, { defaultValue: t("problem.other", { code }) });
  };
}

/** Why data could not be read, and the way to try again. */
export function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  const words = useProblemText();
  return (
    <Alert color="red" icon={<IconAlertTriangle />} title={t("data.failed")} role="alert">
      <Group justify="space-between">
        <Text size="sm">{words(error)}</Text>
        <Button size="xs" variant="light" color="red" onClick={retry}>
          {t("data.retry")}
        </Button>
      </Group>
    </Alert>
  );
}

/** In place of a page that could not be shown. */
export function PageFailed({ error, reset }: { error: unknown; reset: () => void }) {
  return (
    <Center p="xl">
      <Failed error={error} retry={reset} />
    </Center>
  );
}

/** One sentence and what to do about it, where there is nothing to show. */
export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="center" gap="sm" py="xl">
      <Text c="dimmed">{children}</Text>
      {action}
    </Stack>
  );
}

/** Rows of a list that is being read; shown only when that takes a while. */
export function Rows({ count = 5 }: { count?: number }) {
  const { t } = useTranslation();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return late ? (
    <Stack gap="xs" aria-busy="true" aria-label={t("data.loading")}>
      {Array.from({ length: count }, (_, row) => (
        <Skeleton key={row} height={36} radius="md" />
      ))}
    </Stack>
  ) : null;
}

const SHOWN_AFTER_MS = 150;
