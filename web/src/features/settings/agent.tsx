import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, told } from "@/api/client";
import { agentQuery, type Agent } from "@/api/queries";
import { useRefused } from "@/shared/refused";

type Wish = "login" | "logout" | "pause" | "resume";

/** An agent's state, and 登录, 登出, 暂停: the same as `*62 *062 *95 *095` (QU-15). */
export function AgentSection({ agent }: { agent: Agent }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const refused = useRefused();
  const ask = useMutation({
    // The document names two schemas `Action`, and types this one as the other.
    mutationFn: (action: Wish) => told(api.POST("/api/v1/agent", { body: { action: action as never } })),
    onSuccess: (now) => queries.setQueryData(agentQuery.queryKey, now),
    onError: refused,
  });
  const always = agent.static_queues.length === agent.queues.length;
  const state = !agent.logged_in ? "loggedOut" : agent.paused ? "paused" : "loggedIn";
  const button = (wish: Wish, disabled: boolean) => (
    <Button variant="light" disabled={disabled} loading={ask.isPending && ask.variables === wish} onClick={() => ask.mutate(wish)}>
      {t(`agent.${wish}`)}
    </Button>
  );
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Badge size="lg" variant="light" color={{ loggedIn: "teal", paused: "orange", loggedOut: "gray" }[state]} role="status">
          {t(`agent.${state}`)}
        </Badge>
        <Text size="sm" c="dimmed">
          {t("agent.queues", { queues: agent.queues.join(", ") })}
        </Text>
      </Group>
      <Group gap="sm">
        {agent.logged_in ? button("logout", always) : button("login", false)}
        {agent.paused ? button("resume", false) : button("pause", !agent.logged_in)}
      </Group>
      {always && (
        <Text size="sm" c="dimmed">
          {t("agent.always")}
        </Text>
      )}
    </Stack>
  );
}
