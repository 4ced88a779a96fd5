import { Tooltip } from "@mantine/core";
import { IconAntennaBars2, IconAntennaBars3, IconAntennaBars5 } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Quality } from "@/softphone/engine";
import { softphone } from "@/softphone/softphone";

/** How well a call is heard, by bars, colour and words. */
export function QualityDot({ id }: { id: string }) {
  const { t } = useTranslation();
  const [quality, setQuality] = useState<Quality>();
  useEffect(() => {
    const timer = setInterval(() => {
      void softphone.quality(id)?.then(setQuality, () => undefined);
    }, MEASURED_EVERY_MS);
    return () => clearInterval(timer);
  }, [id]);
  if (quality === undefined) {
    return null;
  }
  const grade = rate(quality);
  const { Icon, color } = LOOKS[grade];
  const detail = t("call.qualityDetail", {
    loss: (quality.loss * 100).toFixed(1),
    jitter: quality.jitterMs.toFixed(0),
    trip: quality.roundTripMs.toFixed(0),
  });
  return (
    <Tooltip label={`${t(`call.quality.${grade}`)} · ${detail}`}>
      <Icon size={18} color={`var(--mantine-color-${color}-text)`} role="img" aria-label={t(`call.quality.${grade}`)} />
    </Tooltip>
  );
}

/** By the thresholds at which the E-model (G.107) falls below "satisfied" and below "some dissatisfied". */
function rate({ loss, jitterMs, roundTripMs }: Quality): keyof typeof LOOKS {
  const worst = Math.max(loss / 0.02, jitterMs / 40, roundTripMs / 300);
  return worst < 1 ? "good" : worst < 2.5 ? "fair" : "poor";
}

const LOOKS = {
  good: { Icon: IconAntennaBars5, color: "teal" },
  fair: { Icon: IconAntennaBars3, color: "orange" },
  poor: { Icon: IconAntennaBars2, color: "red" },
} as const;

const MEASURED_EVERY_MS = 2_000;
