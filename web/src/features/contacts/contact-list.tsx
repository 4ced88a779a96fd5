import { ActionIcon, Anchor, Badge, Button, Group, Pagination, Stack, Text, Tooltip } from "@mantine/core";
import { IconPencil, IconTrash, IconUserPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, told } from "@/api/client";
import { Problem } from "@/api/problem";
import { contactsQuery, CONTACTS_PER_PAGE, type Contact } from "@/api/queries";
import { CallButton } from "@/shared/call-button";
import { ContactForm } from "@/shared/contact-form";
import { SearchField } from "@/shared/search-field";
import { Empty, Failed, Rows } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { usePending, useUndo } from "@/shared/undo";

/** The company's contacts, which are read here, and one's own (CON-01 to CON-08). */
export function ContactList() {
  const { t } = useTranslation();
  const { q = "", page = 1, open } = useSearch({ from: "/shell/contacts" });
  const navigate = useNavigate({ from: "/contacts" });
  const contacts = useQuery(contactsQuery(q, page));
  const pending = usePending();
  const columns = useColumns();
  const openForm = (id: string | undefined) => void navigate({ search: (before) => ({ ...before, open: id }) });
  const search = (sought: string) =>
    void navigate({ search: { q: sought === "" ? undefined : sought }, replace: true });
  const { items = [], total = 0 } = contacts.data ?? {};
  const rows = items.filter((contact) => !pending.has(keyOf(contact)));
  const left = total - (items.length - rows.length);
  const edited = items.find((contact) => String(contact.id) === open && contact.scope === "private");
  return (
    <Stack>
      <Group justify="space-between">
        <SearchField label={t("contacts.search")} value={q} search={search} />
        <Button leftSection={<IconUserPlus size={18} />} onClick={() => openForm("new")}>
          {t("contacts.add")}
        </Button>
      </Group>
      {contacts.isError && <Failed error={contacts.error} retry={() => void contacts.refetch()} />}
      {contacts.isPending && <Rows />}
      {contacts.isSuccess && rows.length === 0 && (
        <Empty action={q !== "" && <Button variant="light" onClick={() => search("")}>{t("table.clear")}</Button>}>
          {t("table.none")}
        </Empty>
      )}
      {rows.length > 0 && (
        <>
          <DataTable label={t("contacts.tab")} columns={columns} rows={rows} rowKey={(contact) => contact.id} />
          <Group justify="space-between">
            <Text size="sm" c="dimmed" role="status">
              {t("table.total", { count: left })}
            </Text>
            <Pagination
              total={Math.ceil(total / CONTACTS_PER_PAGE)}
              value={page}
              hideWithOnePage
              onChange={(next) => void navigate({ search: (before) => ({ ...before, page: next }) })}
              getItemProps={(item) => ({ "aria-label": t("table.page", { page: item }) })}
            />
          </Group>
        </>
      )}
      {open === "new" && <ContactForm close={() => openForm(undefined)} />}
      {edited !== undefined && <ContactForm contact={edited} close={() => openForm(undefined)} />}
    </Stack>
  );
}

function useColumns(): readonly Column<Contact>[] {
  const { t } = useTranslation();
  return [
    {
      key: "name",
      title: t("contacts.name"),
      cell: (contact) => (
        <Group gap="xs" component="span">
          <Text span size="sm" fw={500}>
            {contact.name}
          </Text>
          {contact.scope === "company" && (
            <Badge size="sm" variant="light" color="gray" tt="none">
              {t("contacts.ofCompany")}
            </Badge>
          )}
        </Group>
      ),
    },
    { key: "phone", title: t("contacts.phone"), oneLine: true, cell: (contact) => contact.phone },
    { key: "company", title: t("contacts.company"), cell: (contact) => contact.company },
    {
      key: "email",
      title: t("contacts.email"),
      cell: ({ email }) => email !== "" && <Anchor size="sm" href={`mailto:${email}`}>{email}</Anchor>,
    },
    { key: "options", title: t("contacts.options"), oneLine: true, cell: (contact) => <Options contact={contact} /> },
  ];
}

function Options({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: "/contacts" });
  const remove = useRemove();
  const { name, phone } = contact;
  return (
    <Group gap={4} wrap="nowrap">
      {phone !== "" && <CallButton number={phone} name={name} label={t("contacts.call", { name })} />}
      {contact.scope === "private" && (
        <>
          <Tooltip label={t("contacts.edit")}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t("contacts.editOf", { name })}
              onClick={() => void navigate({ search: (before) => ({ ...before, open: String(contact.id) }) })}
            >
              <IconPencil size={18} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t("contacts.remove")}>
            <ActionIcon variant="subtle" color="red" size="lg" aria-label={t("contacts.removeOf", { name })} onClick={() => remove(contact)}>
              <IconTrash size={18} />
            </ActionIcon>
          </Tooltip>
        </>
      )}
    </Group>
  );
}

/** Removes a contact, which can be taken back for a while (CON-05). */
function useRemove(): (contact: Contact) => void {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const undo = useUndo();
  return (contact) =>
    undo({
      key: keyOf(contact),
      message: t("contacts.removed", { name: contact.name }),
      commit: async () => {
        await told(api.DELETE("/api/v1/contacts/{id}", { params: { path: { id: contact.id } }, keepalive: true })).catch(unlessGone);
        await queries.invalidateQueries({ queryKey: ["contacts"] });
      },
    });
}

/** Somebody else removed it first: it is as it was wished. */
function unlessGone(error: unknown): void {
  if (!(error instanceof Problem && error.status === 404)) {
    throw error;
  }
}

function keyOf(contact: Contact): string {
  return `contact ${contact.id}`;
}
