import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconDeviceLaptop } from "@tabler/icons-react";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, told } from "@/api/client";
import { sessionsQuery } from "@/api/queries";
import { stamp } from "@/shared/format";
import { useRefused } from "@/shared/refused";
import { browserOf } from "./browser";

/** 登录设备: where one is logged in, and the way to end that. */
export function Sessions() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const refused = useRefused();
  const { data } = useSuspenseQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: (id: number) => told(api.DELETE("/api/v1/sessions/{id}", { params: { path: { id } } })),
    onError: refused,
    onSettled: () => queries.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  return (
    <Stack gap="sm">
      {data.items.map((session) => (
        <Group key={session.id} justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
            <IconDeviceLaptop size={20} aria-hidden style={{ flexShrink: 0 }} />
            <div style={{ minWidth: 0 }}>
              <Group gap="xs">
                <Text truncate>{browserOf(session.agent) || t("sessions.unknown")}</Text>
                {session.current && (
                  <Badge size="sm" variant="light">
                    {t("sessions.current")}
                  </Badge>
                )}
              </Group>
              <Text size="xs" c="dimmed">
                {session.address} · {t("sessions.seen", { time: stamp(session.seen).slice(0, 16) })}
              </Text>
            </div>
          </Group>
          {!session.current && (
            <Button
              size="xs"
              variant="light"
              color="red"
              style={{ flexShrink: 0 }}
              loading={end.isPending && end.variables === session.id}
              onClick={() => end.mutate(session.id)}
            >
              {t("sessions.end")}
            </Button>
          )}
        </Group>
      ))}
    </Stack>
  );
}
