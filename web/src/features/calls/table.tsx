import { ActionIcon, Anchor, Group, Text, Tooltip } from "@mantine/core";
import { IconDownload, IconPlayerPlay } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Call } from "@/api/queries";
import { clock, stamp } from "@/shared/format";
import { DataTable, type Column } from "@/shared/table";
import { Party } from "./party";

/** Records as the manual shows them: these columns, in this order (CDR-01). */
export function CallTable({ calls }: { calls: readonly Call[] }) {
  const { t } = useTranslation();
  const { open } = useSearch({ from: "/shell/calls" });
  const navigate = useNavigate({ from: "/calls" });
  return (
    <DataTable
      label={t("nav.calls")}
      columns={useColumns()}
      rows={calls}
      rowKey={(call) => call.id}
      open={(call) => void navigate({ search: (before) => ({ ...before, open: call.id }) })}
      isOpen={(call) => call.id === open}
    />
  );
}

function useColumns(): readonly Column<Call>[] {
  const { t } = useTranslation();
  const cells = {
    start: (call: Call) => <Start call={call} />,
    caller: (call: Call) => <Party number={call.caller} name={call.caller_name} />,
    callee: (call: Call) => <Party number={call.callee} />,
    finalCallee: (call: Call) => <Party number={call.final_callee} />,
    duration: (call: Call) => clock(call.duration_seconds),
    type: (call: Call) => t(`calls.types.${call.type as "internal"}`),
    status: (call: Call) => (
      <Text span size="sm" c={call.status === "answered" ? undefined : "red"}>
        {t(`calls.statuses.${call.status as "answered"}`)}
      </Text>
    ),
    recording: (call: Call) => <Recording call={call} />,
  };
  return COLUMNS.map((key) => ({ key, title: t(`calls.columns.${key}`), oneLine: true, cell: cells[key] }));
}

/** When it began; it leads to all that is known of the call. */
function Start({ call }: { call: Call }) {
  return (
    <Anchor
      size="sm"
      c="inherit"
      renderRoot={(props) => <Link {...props} from="/calls" to="/calls" search={(before) => ({ ...before, open: call.id })} />}
    >
      {stamp(call.start)}
    </Anchor>
  );
}

function Recording({ call }: { call: Call }) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: "/calls" });
  if (call.recording == null) {
    return null;
  }
  return (
    <Group gap={4} wrap="nowrap">
      <Tooltip label={t("calls.play")}>
        <ActionIcon
          variant="light"
          aria-label={t("calls.playOf", { start: stamp(call.start) })}
          onClick={() => void navigate({ search: (before) => ({ ...before, open: call.id, play: true }) })}
        >
          <IconPlayerPlay size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t("calls.download")}>
        <ActionIcon
          component="a"
          href={`${call.recording}?download=1`}
          download
          variant="subtle"
          color="gray"
          aria-label={t("calls.downloadOf", { start: stamp(call.start) })}
        >
          <IconDownload size={16} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

const COLUMNS = ["start", "caller", "callee", "finalCallee", "duration", "type", "status", "recording"] as const;
