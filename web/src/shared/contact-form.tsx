import { Alert, Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { api, told } from "@/api/client";
import type { Contact } from "@/api/queries";
import { useFieldProblems } from "./field-problem";
import { useProblemText } from "./states";

export type ContactValues = Pick<Contact, "phone" | "name" | "email" | "company">;

/** Adds a contact of one's own, or edits one: 电话 姓名 邮箱 公司 (CON-02, CON-04). */
export function ContactForm({ contact, begin, close }: { contact?: Contact; begin?: Partial<ContactValues>; close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const words = useProblemText();
  const { register, handleSubmit, setError, formState } = useForm<ContactValues>({
    defaultValues: { ...NOTHING, ...begin, ...pick(contact) },
  });
  const atFields = useFieldProblems(setError, FIELDS);
  const save = useMutation({
    mutationFn: (values: ContactValues) =>
      contact === undefined
        ? told(api.POST("/api/v1/contacts", { body: values }))
        : told(api.PUT("/api/v1/contacts/{id}", { params: { path: { id: contact.id } }, body: values })),
    onSuccess: async ({ name }) => {
      notifications.show({ message: t("contacts.saved", { name }) });
      close();
      await queries.invalidateQueries({ queryKey: ["contacts"] });
    },
    onError: atFields,
  });
  const errorOf = (field: keyof ContactValues) => formState.errors[field]?.message;
  const required = { validate: (value: string) => value.trim() !== "" || t("field.empty") };
  const untold = save.isError && Object.keys(formState.errors).length === 0;
  return (
    <Modal
      opened
      onClose={close}
      title={t(contact === undefined ? "contacts.add" : "contacts.edit")}
      closeOnClickOutside={!formState.isDirty}
      centered
    >
      <form noValidate onSubmit={(event) => void handleSubmit((values) => save.mutate(values))(event)}>
        <Stack>
          {untold && (
            <Alert color="red" role="alert">
              {words(save.error)}
            </Alert>
          )}
          <TextInput label={t("contacts.phone")} required inputMode="tel" data-autofocus {...register("phone", required)} error={errorOf("phone")} />
          <TextInput label={t("contacts.name")} required {...register("name", required)} error={errorOf("name")} />
          <TextInput label={t("contacts.email")} inputMode="email" {...register("email")} error={errorOf("email")} />
          <TextInput label={t("contacts.company")} {...register("company")} error={errorOf("company")} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("contacts.cancel")}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t("contacts.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function pick(contact: Contact | undefined): Partial<ContactValues> {
  return contact === undefined ? {} : Object.fromEntries(FIELDS.map((field) => [field, contact[field]]));
}

const FIELDS = ["phone", "name", "email", "company"] as const;
const NOTHING: ContactValues = { phone: "", name: "", email: "", company: "" };
