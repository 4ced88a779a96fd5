import { ActionIcon } from "@mantine/core";
import { IconPhone } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { softphone, usePhone } from "@/softphone/softphone";

/** Calls a number without typing it (CON-03, EXT-03). While the phone of this page is none, it says so. */
export function CallButton({ number, name = "", label }: { number: string; name?: string; label?: string }) {
  const { t } = useTranslation();
  const ready = usePhone().link === "registered";
  const what = label ?? t("home.callBack", { number });
  return (
    <ActionIcon
      variant="light"
      color="green"
      size="lg"
      // There may be hundreds of these: a tooltip of the browser costs nothing.
      title={ready ? what : t("dial.notRegistered")}
      aria-disabled={!ready}
      data-disabled={!ready || undefined}
      onClick={() => ready && softphone.dial(number, name)}
      aria-label={what}
    >
      <IconPhone size={18} />
    </ActionIcon>
  );
}
