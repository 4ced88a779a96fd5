import { Card, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { memo } from "react";
import type { Entry } from "@/api/queries";
import { Presence } from "@/shared/presence";
import { ExtensionOptions } from "./extension-options";

/** The wall: everybody at a glance. */
export function ExtensionCards({ entries }: { entries: readonly Entry[] }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
      {entries.map((entry) => (
        <ExtensionCard key={entry.number} entry={entry} />
      ))}
    </SimpleGrid>
  );
}

const ExtensionCard = memo(function ExtensionCard({ entry }: { entry: Entry }) {
  return (
    <Card withBorder padding="sm" component="article" style={{ contentVisibility: "auto", containIntrinsicSize: "auto 76px" }}>
      <Group justify="space-between" wrap="nowrap">
        <Stack gap={2} style={{ minWidth: 0 }}>
          <Text fw={500} truncate>
            {entry.name || entry.number}
          </Text>
          <Group gap="sm" wrap="nowrap">
            {entry.name !== entry.number && (
              <Text size="sm" c="dimmed">
                {entry.number}
              </Text>
            )}
            <Presence state={entry.state} />
          </Group>
        </Stack>
        <ExtensionOptions entry={entry} />
      </Group>
    </Card>
  );
});
