import { Group, Kbd, Modal, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { PAGES } from "@/app/pages";

/** Every key that does something, and what it does. */
export function Sheet({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const mod = isMac() ? "⌘" : "Ctrl";
  const groups = [
    {
      name: t("shortcuts.everywhere"),
      keys: [
        { keys: [mod, "K"], does: t("palette.title") },
        { keys: ["/"], does: t("shortcuts.search") },
        { keys: ["?"], does: t("palette.shortcuts") },
      ],
    },
    { name: t("palette.pages"), keys: PAGES.map(({ key, name }) => ({ keys: ["g", key], does: t(`nav.${name}`) })) },
    {
      name: t("shortcuts.call"),
      keys: [
        { keys: [mod, "Shift", "A"], does: t("call.answer") },
        { keys: [mod, "Shift", "R"], does: t("call.reject") },
        { keys: [mod, "Shift", "E"], does: t("call.hangUp") },
        { keys: ["m"], does: t("call.mute") },
        { keys: ["h"], does: t("call.hold") },
      ],
    },
  ];
  return (
    <Modal opened onClose={close} title={t("palette.shortcuts")} size="md">
      <Stack>
        {groups.map(({ name, keys }) => (
          <Stack key={name} gap="xs" component="section">
            <Title order={2} size="h6">
              {name}
            </Title>
            {keys.map(({ keys: pressed, does }) => (
              <Group key={does} justify="space-between" wrap="nowrap">
                <Text size="sm">{does}</Text>
                <Group gap={4} wrap="nowrap">
                  {pressed.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </Group>
              </Group>
            ))}
          </Stack>
        ))}
        <Text size="xs" c="dimmed">
          {t("shortcuts.whileTyping")}
        </Text>
      </Stack>
    </Modal>
  );
}

function isMac(): boolean {
  return /mac|iphone|ipad/i.test(navigator.userAgent);
}
