import { Divider, Stack, Switch } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { settingsQuery } from "@/api/queries";
import { useRefused } from "@/shared/refused";
import { useSaveSettings } from "@/shared/save-settings";
import { Email } from "./email";
import { MailboxPin } from "./mailbox-pin";

/** The four settings of the manual: 免打扰, 邮箱, 语音留言, 语音信箱密码 (SET-01). */
export function Answering() {
  const { t } = useTranslation();
  const { data: settings } = useSuspenseQuery(settingsQuery);
  const save = useSaveSettings();
  const refused = useRefused();
  return (
    <Stack>
      <Switch
        label={t("settings.dnd")}
        description={t("settings.dndHint")}
        checked={settings.dnd}
        onChange={(event) => save.mutate({ dnd: event.currentTarget.checked }, { onError: refused })}
      />
      <Divider />
      <Email />
      <Divider />
      <Switch
        label={t("settings.voicemail")}
        description={t("settings.voicemailHint")}
        checked={settings.voicemail}
        onChange={(event) => save.mutate({ voicemail: event.currentTarget.checked }, { onError: refused })}
      />
      <Divider />
      <MailboxPin />
    </Stack>
  );
}
