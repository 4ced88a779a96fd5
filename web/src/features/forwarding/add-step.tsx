import { Button, Group, NumberInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { FollowMe } from "@/api/queries";
import { useFieldText } from "@/shared/field-problem";
import { NumberField } from "@/shared/number-field";
import { isSeconds, SECONDS_MAX, STEP_SECONDS, wrongStep } from "./forwarding";

type Step = FollowMe["steps"][number];

/** A number and 超时(秒): it belongs to the list once it was added (FM-03, FM-04). */
export function AddStep({ steps, disabled, add }: { steps: readonly Step[]; disabled: boolean; add: (step: Step) => void }) {
  const { t } = useTranslation();
  const words = useFieldText();
  const [number, setNumber] = useState("");
  const [seconds, setSeconds] = useState<number | string>(STEP_SECONDS);
  const [wrong, setWrong] = useState<{ number?: string; seconds?: string }>({});
  const tryAdd = () => {
    const rings = seconds === "" ? STEP_SECONDS : seconds;
    const found = wrongStep(number, rings, [...steps]);
    setWrong(found);
    if (found.number === undefined && isSeconds(rings, 1)) {
      add({ number: number.trim(), seconds: rings });
      setNumber("");
    }
  };
  // Enter adds the number; it does not submit the list without it.
  const enter = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.defaultPrevented) {
      event.preventDefault();
      tryAdd();
    }
  };
  return (
    <Group align="flex-start" gap="sm" onKeyDown={enter}>
      <NumberField
        label={t("followMe.number")}
        style={{ flex: "1 1 180px" }}
        disabled={disabled}
        value={number}
        error={words(wrong.number)}
        onChange={setNumber}
      />
      <NumberInput
        label={t("followMe.timeout")}
        w={120}
        min={1}
        max={SECONDS_MAX}
        allowDecimal={false}
        clampBehavior="none"
        disabled={disabled}
        value={seconds}
        error={words(wrong.seconds)}
        onChange={setSeconds}
      />
      <Button mt={25} variant="light" leftSection={<IconPlus size={16} />} disabled={disabled} onClick={tryAdd}>
        {t("followMe.add")}
      </Button>
    </Group>
  );
}
