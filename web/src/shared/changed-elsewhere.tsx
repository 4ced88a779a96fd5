import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Draft } from "./draft";

/** Says that something else was saved while this was being changed: by a page, a star code, an administrator. */
export function ChangedElsewhere<T>({ draft }: { draft: Draft<T> }) {
  const { t } = useTranslation();
  return draft.elsewhere ? (
    <Alert color="yellow" icon={<IconAlertTriangle />} role="alert">
      <Group justify="space-between">
        <Text size="sm">{t("elsewhere.text")}</Text>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => draft.reset()}>
            {t("elsewhere.take")}
          </Button>
          <Button size="xs" variant="light" color="yellow" onClick={draft.keep}>
            {t("elsewhere.keep")}
          </Button>
        </Group>
      </Group>
    </Alert>
  ) : null;
}
