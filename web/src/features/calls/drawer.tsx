import { Button, Drawer, Group, Stack, Table } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBan, IconDownload, IconPhone, IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRouteContext } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { callQuery, contactsQuery, directoryQuery, featureCodesQuery, type Call } from "@/api/queries";
import { ContactForm } from "@/shared/contact-form";
import { clock, stamp } from "@/shared/format";
import { Player } from "@/shared/player";
import { Failed, Rows } from "@/shared/states";
import { softphone, usePhone } from "@/softphone/softphone";
import { otherParty } from "./filter";
import { Party } from "./party";

interface CallDrawerProps {
  readonly id: number | undefined;
  /** Records that were read already. */
  readonly known: readonly Call[];
  readonly play: boolean;
  readonly close: () => void;
}

/** All that is known of a call, and what can be done about it. */
export function CallDrawer({ id, known, play, close }: CallDrawerProps) {
  const { t } = useTranslation();
  return (
    <Drawer opened={id !== undefined} onClose={close} position="right" size={420} title={t("calls.details")}>
      {id !== undefined && <Details key={id} id={id} known={known.find((call) => call.id === id)} play={play} close={close} />}
    </Drawer>
  );
}

interface DetailsProps {
  readonly id: number;
  readonly known: Call | undefined;
  readonly play: boolean;
  readonly close: () => void;
}

function Details({ id, known, play, close }: DetailsProps) {
  const { t } = useTranslation();
  const { data: call, error, refetch } = useQuery({ ...callQuery(id), initialData: known });
  if (call === undefined) {
    return error === null ? <Rows count={8} /> : <Failed error={error} retry={() => void refetch()} />;
  }
  const rows = [
    ["start", stamp(call.start)],
    ["caller", <Party key="caller" number={call.caller} name={call.caller_name} />],
    ["callee", <Party key="callee" number={call.callee} />],
    ["finalCallee", <Party key="final" number={call.final_callee} />],
    ["duration", clock(call.duration_seconds)],
    ["type", t(`calls.types.${call.type as "internal"}`)],
    ["status", t(`calls.statuses.${call.status as "answered"}`)],
  ] as const;
  return (
    <Stack>
      <Actions call={call} done={close} />
      {call.recording != null && (
        <Stack gap="xs">
          <Player src={call.recording} seconds={call.duration_seconds} label={t("calls.columns.recording")} autoPlay={play} />
          <Group>
            <Button
              component="a"
              href={`${call.recording}?download=1`}
              download
              size="compact-sm"
              variant="subtle"
              leftSection={<IconDownload size={16} aria-hidden />}
            >
              {t("calls.download")}
            </Button>
          </Group>
        </Stack>
      )}
      <Table variant="vertical" layout="fixed">
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w={110}>{t(`calls.columns.${name}`)}</Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

/** Calls back, remembers who it was, or keeps him away. */
function Actions({ call, done }: { call: Call; done: () => void }) {
  const { t } = useTranslation();
  const { me } = useRouteContext({ from: "/shell" });
  const ready = usePhone().link === "registered";
  const { number, name } = otherParty(call, me.number);
  const block = useQuery(featureCodesQuery).data?.find((code) => code.name === "blacklist_add")?.code;
  const stranger = useIsStranger(number);
  const [adding, { open, close }] = useDisclosure();
  if (number === "") {
    return null;
  }
  // The phone is under this drawer.
  const dial = (dialled: string, as: string) => {
    softphone.dial(dialled, as);
    done();
  };
  return (
    <Group gap="xs">
      <Button
        color="green"
        leftSection={<IconPhone size={18} aria-hidden />}
        disabled={!ready}
        title={ready ? undefined : t("dial.notRegistered")}
        onClick={() => dial(number, name)}
      >
        {t("home.callBack", { number })}
      </Button>
      {stranger && (
        <Button variant="default" leftSection={<IconUserPlus size={18} aria-hidden />} onClick={open}>
          {t("contacts.add")}
        </Button>
      )}
      {call.type === "inbound" && block !== undefined && (
        <Button
          variant="subtle"
          color="red"
          leftSection={<IconBan size={18} aria-hidden />}
          disabled={!ready}
          onClick={() => dial(`${block}${number}`, t("calls.block"))}
        >
          {t("calls.block")}
        </Button>
      )}
      {adding && <ContactForm begin={{ phone: number, name }} close={close} />}
    </Group>
  );
}

/** Whether a number is neither a code nor a colleague's nor a contact's. */
function useIsStranger(number: string): boolean {
  const { data: directory = [] } = useQuery(directoryQuery);
  const { data: contacts } = useQuery({ ...contactsQuery(number), enabled: number !== "" });
  return (
    contacts !== undefined &&
    /^[+\d]/.test(number) &&
    !directory.some((entry) => entry.number === number) &&
    !contacts.items.some((contact) => contact.phone === number)
  );
}
