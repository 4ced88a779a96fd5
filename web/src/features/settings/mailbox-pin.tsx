import { Alert, Button, Group, PasswordInput, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "@/api/problem";
import { meQuery } from "@/api/queries";
import { useFieldText } from "@/shared/field-problem";
import { useSaveSettings } from "@/shared/save-settings";
import { useProblemText } from "@/shared/states";
import { wrongPin } from "./pin";

/** 语音信箱密码: changed here also by who forgot it; never shown (SET-05). */
export function MailboxPin() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: me } = useSuspenseQuery(meQuery);
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [wrong, setWrong] = useState<ReturnType<typeof wrongPin>>({});
  const save = useSaveSettings();
  const words = useFieldText();
  const problem = useProblemText();
  const submit = () => {
    const found = wrongPin(pin, again);
    setWrong(found);
    if (found.pin === undefined && found.again === undefined) {
      save.mutate(
        { voicemail_pin: pin },
        {
          onSuccess: () => {
            setPin("");
            setAgain("");
            notifications.show({ color: "teal", message: t("settings.pinSaved") });
            void queries.invalidateQueries({ queryKey: meQuery.queryKey });
          },
        },
      );
    }
  };
  const { error } = save;
  const refused = error && ((error instanceof Problem ? words(error.field("voicemail_pin")) : undefined) ?? problem(error));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="sm">
        {me.voicemail_pin_is_default && (
          <Alert color="yellow" role="status">
            {t("settings.pinIsDefault")}
          </Alert>
        )}
        <Group align="flex-start">
          <PasswordInput
            label={t("settings.pin")}
            description={t("settings.pinHint")}
            style={{ flex: "1 1 200px" }}
            inputMode="numeric"
            autoComplete="new-password"
            maxLength={10}
            visibilityToggleButtonProps={{ "aria-label": t("login.show") }}
            value={pin}
            error={words(wrong.pin) ?? refused}
            onChange={(event) => setPin(event.currentTarget.value)}
          />
          <PasswordInput
            label={t("settings.pinAgain")}
            description={t("settings.pinAgainHint")}
            style={{ flex: "1 1 200px" }}
            inputMode="numeric"
            autoComplete="new-password"
            maxLength={10}
            visibilityToggleButtonProps={{ "aria-label": t("login.show") }}
            value={again}
            error={words(wrong.again)}
            onChange={(event) => setAgain(event.currentTarget.value)}
          />
        </Group>
        <Group>
          <Button type="submit" variant="light" loading={save.isPending} disabled={pin === ""}>
            {t("settings.pinChange")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
