import { notifications } from "@mantine/notifications";
import { Problem } from "@/api/problem";
import { useFieldText } from "./field-problem";
import { useProblemText } from "./states";

/** Says in a corner why something was not done; where it is about one field, what is wrong with that. */
export function useRefused(): (error: unknown) => void {
  const problem = useProblemText();
  const field = useFieldText();
  return (error) => {
    const first = error instanceof Problem ? field(error.fields[0]?.code) : undefined;
    notifications.show({ color: "red", message: first ?? problem(error), withBorder: true });
  };
}
