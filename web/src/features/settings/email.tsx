import { TextInput } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "@/api/problem";
import { settingsQuery } from "@/api/queries";
import { useFieldText } from "@/shared/field-problem";
import { useSaveSettings } from "@/shared/save-settings";
import { useProblemText } from "@/shared/states";

/** 邮箱: where messages are mailed to, saved when it is left (SET-03). */
export function Email() {
  const { t } = useTranslation();
  const { data: settings } = useSuspenseQuery(settingsQuery);
  const [typed, setTyped] = useState<string>();
  const save = useSaveSettings();
  const words = useFieldText();
  const problem = useProblemText();
  const value = typed ?? settings.email;
  const done = () => {
    if (typed !== undefined && typed.trim() !== settings.email) {
      save.mutate({ email: typed.trim() }, { onSuccess: () => setTyped(undefined) });
    } else {
      save.reset();
      setTyped(undefined);
    }
  };
  const { error } = save;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        done();
      }}
    >
      <TextInput
        label={t("settings.email")}
        description={t("settings.emailHint")}
        type="text"
        inputMode="email"
        autoComplete="email"
        spellCheck={false}
        placeholder="name@example.org"
        value={value}
        error={error && ((error instanceof Problem ? words(error.field("email")) : undefined) ?? problem(error))}
        rightSection={save.isSuccess && typed === undefined && <IconCheck size={18} color="var(--mantine-color-teal-text)" role="img" aria-label={t("data.saved")} />}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={done}
      />
    </form>
  );
}
