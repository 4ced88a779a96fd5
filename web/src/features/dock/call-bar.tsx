import { Button, Card, Group, SimpleGrid, Stack, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconArrowForwardUp,
  IconDialpad,
  IconMicrophone,
  IconMicrophoneOff,
  IconParking,
  IconPhoneOff,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerRecord,
  IconRefresh,
  IconUserPlus,
} from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Line } from "@/softphone/machine";
import { softphone } from "@/softphone/softphone";
import { Keypad } from "./dialler";
import { useInCall } from "./in-call";
import { QualityDot } from "./quality";
import { Timer } from "./timer";
import { Transfer } from "./transfer";
import { useWho } from "./who";

/** A call: who, how it stands, and what can be done with it. */
export function CallBar({ line, active }: { line: Line; active: boolean }) {
  const { t } = useTranslation();
  const who = useWho(line);
  const state = line.stage === "ended" ? t(`call.reason.${line.reason ?? "hung-up"}`) : t(`call.${standing(line)}`);
  return (
    <Card withBorder padding="md" aria-label={who.text} role="group">
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div>
            <Text fw={600}>{who.name}</Text>
            {who.name !== who.number && (
              <Text size="sm" c="dimmed">
                {who.number}
              </Text>
            )}
          </div>
          {line.answered !== undefined && line.stage !== "ended" && (
            <Group gap={6} wrap="nowrap">
              <Timer since={line.answered} />
              <QualityDot id={line.id} />
            </Group>
          )}
        </Group>
        <Text size="sm" role="status" c={line.stage === "ended" ? "red" : "dimmed"}>
          {state}
        </Text>
        {line.stage === "ended" ? <Redial line={line} /> : active ? <Controls line={line} /> : <Resume line={line} />}
      </Stack>
    </Card>
  );
}

function standing(line: Line) {
  return line.held ? "held" : line.heldByOther ? "heldByOther" : line.stage === "ended" || line.stage === "incoming" ? "active" : line.stage;
}

function Controls({ line }: { line: Line }) {
  const { t } = useTranslation();
  const [keypad, { toggle }] = useDisclosure();
  const [transfer, { toggle: toggleTransfer, close }] = useDisclosure();
  const talking = line.stage === "active" || line.stage === "early";
  const { recording, ask } = useInCall(line);
  const keys = (pressed: string) => softphone.tell({ kind: "keys", id: line.id, keys: pressed });
  return (
    <>
      {talking && (
        <SimpleGrid cols={4} spacing="xs">
          <Action
            icon={line.muted ? IconMicrophoneOff : IconMicrophone}
            label={t(line.muted ? "call.unmute" : "call.mute")}
            on={line.muted}
            press={() => softphone.tell({ kind: "mute", id: line.id })}
          />
          <Action
            icon={line.held ? IconPlayerPlay : IconPlayerPause}
            label={t(line.held ? "call.resume" : "call.hold")}
            on={line.held}
            press={() => softphone.tell({ kind: "hold", id: line.id })}
          />
          <Action icon={IconDialpad} label={t("call.keypad")} on={keypad} press={toggle} />
          <Action icon={IconArrowForwardUp} label={t("call.transfer")} on={transfer} press={toggleTransfer} />
          <Action icon={IconParking} label={t("call.park")} press={() => ask("park")} />
          <Action icon={IconPlayerRecord} label={t(recording ? "call.recording" : "call.record")} on={recording} press={() => ask("record")} />
          <Action icon={IconUserPlus} label={t("call.conference")} press={() => ask("confer")} />
        </SimpleGrid>
      )}
      {talking && keypad && <Keypad press={keys} />}
      {talking && transfer && <Transfer ask={ask} done={close} />}
      <Button color="red" leftSection={<IconPhoneOff size={18} />} onClick={() => softphone.tell({ kind: "hang-up", id: line.id })}>
        {t("call.hangUp")}
      </Button>
    </>
  );
}

/** A call that waits while another is heard. */
function Resume({ line }: { line: Line }) {
  const { t } = useTranslation();
  return (
    <Group grow>
      <Button variant="light" onClick={() => softphone.tell({ kind: "switch", id: line.id })}>
        {t("call.switchTo")}
      </Button>
      <Button color="red" variant="light" onClick={() => softphone.tell({ kind: "hang-up", id: line.id })}>
        {t("call.hangUp")}
      </Button>
    </Group>
  );
}

function Redial({ line }: { line: Line }): ReactNode {
  const { t } = useTranslation();
  if (line.direction === "in" || line.reason === "hung-up") {
    return null;
  }
  return (
    <Button variant="light" leftSection={<IconRefresh size={16} />} onClick={() => softphone.dial(line.number, line.name)}>
      {t("dial.redial")}
    </Button>
  );
}

interface ActionProps {
  readonly icon: ComponentType<{ size: number }>;
  readonly label: string;
  readonly on?: boolean;
  readonly press: () => void;
}

function Action({ icon: Icon, label, on, press }: ActionProps) {
  return (
    <Tooltip label={label}>
      <Button variant={on === true ? "filled" : "default"} h={48} px={0} onClick={press} aria-label={label} aria-pressed={on}>
        <Stack gap={2} align="center">
          <Icon size={18} />
          <Text size="10px" lh={1}>
            {label}
          </Text>
        </Stack>
      </Button>
    </Tooltip>
  );
}
