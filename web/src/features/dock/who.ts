import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { contactsQuery, directoryQuery } from "@/api/queries";
import type { Line } from "@/softphone/machine";

/** Who is at the other end, by the names that this extension may see (CON-09). */
export function useWho(line: Pick<Line, "number" | "name">): { name: string; number: string; text: string } {
  const { t } = useTranslation();
  const { data: directory = [] } = useQuery(directoryQuery);
  const { data: contacts } = useQuery({ ...contactsQuery(line.number), enabled: line.number !== "" && line.name === "" });
  const { number } = line;
  if (number === "" || number === "anonymous") {
    return { name: t("call.anonymous"), number: "", text: t("call.anonymous") };
  }
  const known =
    directory.find((entry) => entry.number === number)?.name ??
    contacts?.items.find((contact) => contact.phone === number)?.name;
  const name = line.name !== "" ? line.name : (known ?? number);
  return { name, number, text: name === number ? number : `${name} ${number}` };
}
