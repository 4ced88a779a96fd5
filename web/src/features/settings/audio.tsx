import { Alert, Button, Group, Progress, Select, Slider, Stack, Text } from "@mantine/core";
import { IconMicrophone, IconVolume } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { choose, chosenMicrophone, devices, play, playSample, type Devices } from "@/softphone/sound";
import { listenTo } from "@/softphone/level";

/** Microphone, speaker and ring of this browser, each with a test. */
export function AudioSection() {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(devices);
  const { known, refused, look } = useKnownDevices();
  const take = (choice: Partial<Devices>) => {
    choose(choice);
    setChosen(devices());
  };
  const of = (kind: MediaDeviceKind) => [
    { value: "", label: t("audio.standard") },
    ...known
      .filter((device) => device.kind === kind && device.deviceId !== "" && device.deviceId !== "default")
      .map((device, place) => ({ value: device.deviceId, label: device.label || `${t("audio.device")} ${place + 1}` })),
  ];
  const mayRoute = "setSinkId" in HTMLMediaElement.prototype;
  return (
    <Stack>
      {refused && (
        <Alert color="red" role="alert">
          {t("audio.refused")}
        </Alert>
      )}
      <Group align="flex-end">
        <Select
          label={t("audio.microphone")}
          style={{ flex: "1 1 220px" }}
          allowDeselect={false}
          data={of("audioinput")}
          value={chosen.microphone}
          onDropdownOpen={() => void look()}
          onChange={(microphone) => take({ microphone: microphone ?? "" })}
        />
        <MicrophoneTest key={chosen.microphone} refused={() => void look()} />
      </Group>
      <Group align="flex-end">
        <Select
          label={t("audio.speaker")}
          style={{ flex: "1 1 220px" }}
          allowDeselect={false}
          disabled={!mayRoute}
          description={mayRoute ? undefined : t("audio.noRoute")}
          data={of("audiooutput")}
          value={chosen.speaker}
          onDropdownOpen={() => void look()}
          onChange={(speaker) => take({ speaker: speaker ?? "" })}
        />
        <Button variant="default" leftSection={<IconVolume size={16} />} onClick={() => playSample()}>
          {t("audio.test")}
        </Button>
      </Group>
      <Group align="flex-end">
        <Select
          label={t("audio.ringer")}
          style={{ flex: "1 1 220px" }}
          allowDeselect={false}
          disabled={!mayRoute}
          data={of("audiooutput")}
          value={chosen.ringer}
          onDropdownOpen={() => void look()}
          onChange={(ringer) => take({ ringer: ringer ?? "" })}
        />
        <Button variant="default" leftSection={<IconVolume size={16} />} onClick={ringOnce}>
          {t("audio.test")}
        </Button>
      </Group>
      <div>
        <Text size="sm" fw={500}>
          {t("audio.volume")}
        </Text>
        <Slider
          min={0}
          max={100}
          value={Math.round(chosen.ringVolume * 100)}
          onChange={(percent) => take({ ringVolume: percent / 100 })}
          label={(percent) => `${percent} %`}
          thumbProps={{ "aria-label": t("audio.volume") }}
        />
      </div>
    </Stack>
  );
}

function ringOnce(): void {
  const stop = play("ring");
  setTimeout(stop, 2_000);
}

/** The level of the microphone while somebody speaks, so that he sees that it hears him. */
function MicrophoneTest({ refused }: { refused: () => void }) {
  const { t } = useTranslation();
  const [on, setOn] = useState(false);
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!on) {
      return;
    }
    const stop = listenTo(chosenMicrophone(), setLevel);
    stop.catch(() => {
      setOn(false);
      refused();
    });
    return () => void stop.then((end) => end()).catch(() => undefined);
    // A new `refused` is no reason to open the microphone again.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [on]);
  return (
    <Group gap="sm">
      {on && <Progress w={100} value={level * 100} color="teal" transitionDuration={80} aria-label={t("audio.level")} />}
      <Button variant="default" leftSection={<IconMicrophone size={16} />} onClick={() => setOn(!on)}>
        {t(on ? "audio.stop" : "audio.test")}
      </Button>
    </Group>
  );
}

/** The devices of this machine. Their names are told only to a page that may use the microphone. */
function useKnownDevices() {
  const [known, setKnown] = useState<readonly MediaDeviceInfo[]>([]);
  const [refused, setRefused] = useState(false);
  const list = () => navigator.mediaDevices?.enumerateDevices().then(setKnown) ?? Promise.resolve();
  const look = async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      stream.getTracks().forEach((track) => track.stop());
      setRefused(false);
    } catch {
      setRefused(true);
    }
    await list();
  };
  useEffect(() => {
    void list();
    navigator.mediaDevices?.addEventListener("devicechange", list);
    return () => navigator.mediaDevices?.removeEventListener("devicechange", list);
    // The same list, whichever rendering asked for it.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return { known, refused, look };
}
