import { QueryClient } from "@tanstack/react-query";
import { Problem } from "@/api/problem";

/** What was read from the server. Refusals are not tried again; what never arrived is, twice. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (count, error) => error instanceof Problem && error.status === 0 && count < 2,
      refetchOnWindowFocus: true,
    },
  },
});
