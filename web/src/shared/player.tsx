import { ActionIcon, Group, Menu, Slider, Text, UnstyledButton } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { short } from "./format";
import { Waveform } from "./waveform";

interface Sound {
  /** Where it is; the browser asks for the parts that it needs. */
  readonly src: string;
  readonly seconds: number;
  readonly label: string;
  /** How loud it is from beginning to end, 0 to 255; a plain line where nobody knows. */
  readonly peaks?: readonly number[] | undefined;
  readonly autoPlay?: boolean;
  /** Called once somebody listened for two seconds. */
  readonly onHeard?: () => void;
}

/** Plays a sound: space plays and pauses, the arrows go five seconds back and on. */
export function Player({ src, seconds, label, peaks, autoPlay = false, onHeard }: Sound) {
  const { t } = useTranslation();
  const audio = useRef<HTMLAudioElement>(null);
  const heard = useRef(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(seconds);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<number>(1);
  const [failed, setFailed] = useState(false);

  const toggle = () => {
    const element = audio.current;
    if (element !== null && element.paused) {
      void element.play().catch(() => undefined);
    } else {
      element?.pause();
    }
  };
  const seek = (to: number) => {
    if (audio.current !== null) {
      audio.current.currentTime = Math.min(Math.max(to, 0), length);
      setAt(audio.current.currentTime);
    }
  };
  const key = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -SKIP, ArrowRight: SKIP }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      seek(at + step);
    } else if (event.key === " " && !(event.target instanceof HTMLButtonElement)) {
      event.preventDefault();
      toggle();
    }
  };
  const faster = (to: number) => {
    setSpeed(to);
    if (audio.current !== null) {
      audio.current.playbackRate = to;
    }
  };
  if (failed) {
    return (
      <Text size="sm" c="red" role="alert">
        {t("player.failed")}
      </Text>
    );
  }
  return (
    <Group gap="sm" wrap="nowrap" role="group" aria-label={label} onKeyDownCapture={key} style={{ minWidth: 0, flex: 1 }}>
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- nobody writes down what callers say */}
      <audio
        ref={audio}
        src={src}
        preload="metadata"
        autoPlay={autoPlay}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setPlaying(false)}
        onError={() => setFailed(true)}
        onLoadedMetadata={(event) => Number.isFinite(event.currentTarget.duration) && setLength(event.currentTarget.duration)}
        onTimeUpdate={(event) => {
          const now = event.currentTarget.currentTime;
          setAt(now);
          if (!heard.current && now >= Math.min(HEARD_AFTER, length)) {
            heard.current = true;
            onHeard?.();
          }
        }}
      />
      <ActionIcon size="lg" radius="xl" onClick={toggle} aria-label={t(playing ? "player.pause" : "player.play")}>
        {playing ? <IconPlayerPauseFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
      </ActionIcon>
      <div style={{ flex: 1, minWidth: 60, position: "relative" }}>
        {peaks !== undefined && peaks.length > 0 && <Waveform peaks={peaks} part={length > 0 ? at / length : 0} />}
        <Slider
          size="sm"
          min={0}
          max={Math.max(length, 0.1)}
          step={0.1}
          value={at}
          onChange={seek}
          label={null}
          thumbProps={{ "aria-label": t("player.place"), "aria-valuetext": `${short(at)} / ${short(length)}` }}
        />
      </div>
      <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
        {short(at)} / {short(length)}
      </Text>
      <Menu position="bottom-end">
        <Menu.Target>
          <UnstyledButton fz="sm" px={4} aria-label={t("player.speed", { speed })}>
            {speed}×
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {SPEEDS.map((one) => (
            <Menu.Item key={one} onClick={() => faster(one)}>
              {one}×
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

const SPEEDS = [1, 1.25, 1.5, 2];
/** Seconds. */
const SKIP = 5;
const HEARD_AFTER = 2;
