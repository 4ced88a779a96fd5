import { Group, Text } from "@mantine/core";
import { IconCircle, IconCircleFilled, IconCircleMinus, IconClockHour4Filled, IconSquareRoundedFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

/** The states that the server knows; another is shown as unavailable. */
export const STATES = ["idle", "ringing", "in-use", "dnd", "unavailable"] as const;
export type State = (typeof STATES)[number];

export function stateOf(text: string): State {
  return STATES.find((state) => state === text) ?? "unavailable";
}

/** A state by colour, shape and name: nobody needs to see the colour. */
export function Presence({ state, label = true }: { state: string; label?: boolean }) {
  const { t } = useTranslation();
  const known = stateOf(state);
  const { Icon, color } = LOOKS[known];
  const name = t(`state.${known}`);
  return (
    <Group gap={6} wrap="nowrap" component="span">
      <Icon
        size={14}
        color={`var(--mantine-color-${color}-text)`}
        className={known === "ringing" ? "pulse" : undefined}
        {...(label ? { "aria-hidden": true } : { role: "img", "aria-label": name })}
      />
      {label && (
        <Text span size="sm">
          {name}
        </Text>
      )}
    </Group>
  );
}

const LOOKS = {
  idle: { Icon: IconCircleFilled, color: "teal" },
  ringing: { Icon: IconClockHour4Filled, color: "orange" },
  "in-use": { Icon: IconSquareRoundedFilled, color: "red" },
  dnd: { Icon: IconCircleMinus, color: "grape" },
  unavailable: { Icon: IconCircle, color: "gray" },
} as const;
