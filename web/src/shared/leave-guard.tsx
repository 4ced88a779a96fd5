import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** Asks before a page is left on which something was changed and not submitted (CFW-06). */
export function LeaveGuard({ dirty }: { dirty: boolean }) {
  const { t } = useTranslation();
  const blocked = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: dirty,
    withResolver: true,
  });
  return (
    <Modal opened={blocked.status === "blocked"} onClose={() => blocked.reset?.()} title={t("guard.title")} centered>
      <Stack>
        <Text size="sm">{t("guard.text")}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => blocked.reset?.()} data-autofocus>
            {t("guard.stay")}
          </Button>
          <Button color="red" onClick={() => blocked.proceed?.()}>
            {t("guard.leave")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
