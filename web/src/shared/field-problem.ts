import type { FieldValues, Path, UseFormSetError } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Problem } from "@/api/problem";

/** What is wrong with a field, in words of the user's language. */
export function useFieldText(): (code: string | undefined) => string | undefined {
  const { t } = useTranslation();
  return (code) => (code === undefined ? undefined : t(`field.${code}`, { defaultValue: t("field.other", { code }) }));
}

/** Puts what the server refused at the fields of a form. Says whether all of it found its place. */
export function useFieldProblems<T extends FieldValues>(
  setError: UseFormSetError<T>,
  fields: readonly Path<T>[],
): (error: unknown) => boolean {
  const text = useFieldText();
  return (error) => {
    if (!(error instanceof Problem) || error.fields.length === 0) {
      return false;
    }
    for (const field of fields) {
      const message = text(error.field(field));
      if (message !== undefined) {
        setError(field, { message }, { shouldFocus: true });
      }
    }
    return error.fields.every((problem) => fields.some((field) => field === problem.field));
  };
}
