import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { directoryQuery } from "@/api/queries";
import { mailboxOf } from "./filter";

/** A number, and below it whose it is. */
export function Party({ number, name = "" }: { number: string; name?: string }) {
  const { t } = useTranslation();
  const { data: directory = [] } = useQuery(directoryQuery);
  if (number === "") {
    return t("call.anonymous");
  }
  const mailbox = mailboxOf(number);
  const of = mailbox ?? number;
  const known = name || directory.find((entry) => entry.number === of)?.name;
  return (
    <div style={{ minWidth: 0 }}>
      {mailbox === undefined ? number : t("calls.voicemailOf", { number: mailbox })}
      {known !== undefined && known !== of && (
        <Text size="xs" c="dimmed" truncate maw={150} title={known}>
          {known}
        </Text>
      )}
    </div>
  );
}
