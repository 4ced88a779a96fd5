import { Alert, Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Draft } from "./draft";
import { useProblemText } from "./states";

/** The end of a form: why it was not saved, and 提交. */
export function FormEnd<T>({ draft, blocked = false }: { draft: Draft<T>; blocked?: boolean }) {
  const { t } = useTranslation();
  const words = useProblemText();
  const { problem, dirty, saving, elsewhere } = draft;
  return (
    <>
      {problem !== undefined && !elsewhere && (
        <Alert color="red" role="alert">
          {words(problem)}
        </Alert>
      )}
      <Group justify="flex-end">
        {dirty && (
          <Text size="sm" c="dimmed" role="status">
            {t("form.unsaved")}
          </Text>
        )}
        {dirty && (
          <Button variant="subtle" color="gray" onClick={draft.reset}>
            {t("form.reset")}
          </Button>
        )}
        <Button type="submit" loading={saving} disabled={!dirty || elsewhere || blocked}>
          {t("form.submit")}
        </Button>
      </Group>
    </>
  );
}
