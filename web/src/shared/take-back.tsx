import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";

/** Says what was done at once, and for a while offers to do the opposite. What cannot be undone waits instead: `useUndo`. */
export function useTakeBack(): (message: string, takeBack: () => void) => void {
  const { t } = useTranslation();
  return (message, takeBack) => {
    const id = notifications.show({
      autoClose: OFFERED_MS,
      withCloseButton: true,
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" lineClamp={2}>
            {message}
          </Text>
          <Button
            size="compact-sm"
            variant="light"
            style={{ flexShrink: 0 }}
            onClick={() => {
              takeBack();
              notifications.hide(id);
            }}
          >
            {t("undo")}
          </Button>
        </Group>
      ),
    });
  };
}

const OFFERED_MS = 6_000;
