import { Button, Group, SegmentedControl, Stack, Text, useMantineColorScheme } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, told } from "@/api/client";
import { speak, type Language } from "@/i18n";
import { useRefused } from "@/shared/refused";

/** Notifications, language and theme. */
export function Appearance() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const refused = useRefused();
  const choose = (language: Language) => {
    void speak(language);
    // The phone speaks the same language; where the server cannot be reached, this browser at least does.
    told(api.PATCH("/api/v1/me", { body: { language } })).catch(refused);
  };
  return (
    <Stack>
      <Line label={t("appearance.notifications")}>
        <Notifications />
      </Line>
      <Line label={t("account.language")}>
        <SegmentedControl
          aria-label={t("account.language")}
          value={i18n.language}
          onChange={(language) => choose(language as Language)}
          data={[
            { value: "zh-CN", label: "中文" },
            { value: "en", label: "English" },
          ]}
        />
      </Line>
      <Line label={t("account.theme")}>
        <SegmentedControl
          aria-label={t("account.theme")}
          value={colorScheme}
          onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}
          data={(["light", "dark", "auto"] as const).map((value) => ({ value, label: t(`account.${value}`) }))}
        />
      </Line>
    </Stack>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Group justify="space-between">
      <Text size="sm" fw={500}>
        {label}
      </Text>
      {children}
    </Group>
  );
}

/** Whether calls are shown outside the window; once refused, only the browser's own settings can change that. */
function Notifications() {
  const { t } = useTranslation();
  const [state, setState] = useState(() => ("Notification" in window ? Notification.permission : "denied"));
  return state === "default" ? (
    <Button size="xs" variant="light" onClick={() => void Notification.requestPermission().then(setState)}>
      {t("call.allow")}
    </Button>
  ) : (
    <Text size="sm" c="dimmed">
      {t(state === "granted" ? "appearance.allowed" : "appearance.refused")}
    </Text>
  );
}
