import { Alert, Button, Group, Paper, Portal, Stack, Text } from "@mantine/core";
import { IconPhone, IconPhoneOff } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { activeLine, ringing, type Line } from "@/softphone/machine";
import { softphone, usePhone } from "@/softphone/softphone";
import { mayRing } from "@/softphone/sound";
import { notify } from "./notify";
import { Timer } from "./timer";
import { useWho } from "./who";

/** Whoever calls, above every page and dialog. */
export function IncomingCalls() {
  const phone = usePhone();
  const lines = ringing(phone);
  useTitle(lines);
  if (lines.length === 0) {
    return null;
  }
  const talking = activeLine(phone);
  return (
    <Portal>
      <Stack pos="fixed" top={12} right={12} left="auto" w="min(380px, calc(100vw - 24px))" style={{ zIndex: 500 }}>
        {lines.map((line) => (
          <IncomingCall key={line.id} line={line} talking={talking} />
        ))}
      </Stack>
    </Portal>
  );
}

function IncomingCall({ line, talking }: { line: Line; talking: Line | undefined }) {
  const { t } = useTranslation();
  const who = useWho(line);
  const answer = useRef<HTMLButtonElement>(null);
  const title = t("call.incoming");
  useEffect(() => {
    // Whoever types goes on typing; the card is read out all the same.
    if (document.activeElement === document.body) {
      answer.current?.focus();
    }
    return notify(title, who.text, () => softphone.tell({ kind: "answer", id: line.id }));
  }, [line.id, title, who.text]);
  return (
    <Paper withBorder shadow="lg" p="md" role="alertdialog" aria-labelledby={`who-${line.id}`} aria-live="assertive">
      <Stack gap="sm">
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {title}
          </Text>
          <Timer since={line.began} />
        </Group>
        <div id={`who-${line.id}`}>
          <Text fw={700} size="lg">
            {who.name}
          </Text>
          {who.name !== who.number && <Text c="dimmed">{who.number}</Text>}
        </div>
        <Group grow preventGrowOverflow={false}>
          <Button
            ref={answer}
            color="green"
            leftSection={<IconPhone size={18} />}
            onClick={() => softphone.tell({ kind: "answer", id: line.id })}
          >
            {t(talking === undefined ? "call.answer" : "call.holdAndAnswer")}
          </Button>
          {talking !== undefined && (
            <Button
              variant="light"
              color="green"
              onClick={() => {
                softphone.tell({ kind: "hang-up", id: talking.id });
                softphone.tell({ kind: "answer", id: line.id });
              }}
            >
              {t("call.endAndAnswer")}
            </Button>
          )}
          <Button
            color="red"
            variant="light"
            leftSection={<IconPhoneOff size={18} />}
            onClick={() => softphone.tell({ kind: "decline", id: line.id })}
          >
            {t("call.reject")}
          </Button>
        </Group>
        <Silenced />
      </Stack>
    </Paper>
  );
}

/** What to do when the browser does not let the phone ring yet. */
function Silenced() {
  const { t } = useTranslation();
  const [silenced, setSilenced] = useState(false);
  useEffect(() => {
    void mayRing().then((may) => setSilenced(!may));
  }, []);
  return silenced ? (
    <Alert color="yellow" p="xs" onClick={() => void mayRing().then((may) => setSilenced(!may))} style={{ cursor: "pointer" }}>
      {t("call.enableSound")}
    </Alert>
  ) : null;
}

/** The title of the window says who calls, for as long as it rings. */
function useTitle(lines: readonly Line[]): void {
  const { t } = useTranslation();
  const who = lines[0] === undefined ? undefined : lines[0].name || lines[0].number;
  useEffect(() => {
    if (who === undefined) {
      return;
    }
    const before = document.title;
    document.title = `(${lines.length}) ${t("call.incoming")} ${who}`;
    return () => {
      document.title = before;
    };
  }, [who, lines.length, t]);
}
