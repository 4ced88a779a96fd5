import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { callsQuery, directoryQuery, featureCodesQuery, meQuery } from "@/api/queries";
import { Problem } from "@/api/problem";
import { Login } from "@/features/login/page";
import { PageFailed } from "@/shared/states";
import { queries } from "./queries";
import { Shell } from "./shell";

const root = createRootRoute({ component: Outlet, errorComponent: PageFailed });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  component: Login,
  validateSearch: (search: Record<string, unknown>) => ({
    to: typeof search["to"] === "string" && search["to"].startsWith("/") ? search["to"] : undefined,
    why: search["why"] === "ended" ? ("ended" as const) : undefined,
  }),
});

/** All pages of who is logged in; the phone lives in its shell. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  beforeLoad: async ({ location }) => {
    const me = await queries.ensureQueryData(meQuery).catch((error: unknown) => {
      if (error instanceof Problem && (error.status === 401 || error.status === 403)) {
        throw redirect({ to: "/login", search: { to: location.href, why: undefined } });
      }
      throw error;
    });
    return { me };
  },
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  loader: () => Promise.all([queries.ensureQueryData(directoryQuery), queries.ensureQueryData(callsQuery({ page: 1 }))]),
  component: lazyRouteComponent(() => import("@/features/home/page"), "Home"),
});

const codes = createRoute({
  getParentRoute: () => shell,
  path: "/codes",
  loader: () => queries.ensureQueryData(featureCodesQuery),
  component: lazyRouteComponent(() => import("@/features/codes/page"), "Codes"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    shell.addChildren([home, codes]),
  ]),
  defaultPreload: "intent",
  defaultErrorComponent: PageFailed,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
