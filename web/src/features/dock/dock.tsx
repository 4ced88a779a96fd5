import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPhoneOff, IconPlugConnected, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { isLive, type Phone } from "@/softphone/machine";
import { softphone, usePhone } from "@/softphone/softphone";
import { CallBar } from "./call-bar";
import { Dialler } from "./dialler";
import { useCallSounds } from "./sounds";

/** The softphone beside every page: how it stands, the calls, the dialler. */
export function Dock() {
  const phone = usePhone();
  useCallSounds(phone);
  const shown = phone.lines.filter((line) => line.stage !== "incoming");
  return (
    <Stack p="md" gap="md" component="section">
      <Standing phone={phone} />
      {shown.map((line) => (
        <CallBar key={line.id} line={line} active={phone.active === line.id} />
      ))}
      {!shown.some((line) => isLive(line) && phone.active === line.id) && <Dialler />}
    </Stack>
  );
}

function Standing({ phone }: { phone: Phone }) {
  const { t } = useTranslation();
  const ready = phone.link === "registered";
  const Icon = ready ? IconPlugConnected : phone.link === "elsewhere" ? IconPhoneOff : IconPlugConnectedX;
  return (
    <Group justify="space-between" wrap="nowrap" role="status">
      <Group gap={6} wrap="nowrap" c={ready ? "teal" : "dimmed"}>
        <Icon size={16} aria-hidden />
        <Text size="sm" c={ready ? undefined : "dimmed"}>
          {t(`link.${phone.link}`)}
        </Text>
      </Group>
      {phone.link === "elsewhere" && (
        <Button size="xs" variant="light" onClick={() => softphone.takeOver()}>
          {t("link.takeOver")}
        </Button>
      )}
    </Group>
  );
}
