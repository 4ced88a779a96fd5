import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import {
  agentQuery,
  callsQuery,
  contactsQuery,
  directoryQuery,
  featureCodesQuery,
  followMeQuery,
  forwardingQuery,
  meQuery,
  sessionsQuery,
  settingsQuery,
  voicemailQuery,
  wakeUpsQuery,
} from "@/api/queries";
import { Problem } from "@/api/problem";
import { filterOf, readCallsSearch } from "@/features/calls/filter";
import { readContactsSearch } from "@/features/contacts/search";
import { Login } from "@/features/login/page";
import { sought } from "@/features/voicemail/messages";
import { day, nowIn } from "@/shared/format";
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

const contacts = createRoute({
  getParentRoute: () => shell,
  path: "/contacts",
  validateSearch: readContactsSearch,
  loaderDeps: ({ search: { tab, q, page } }) => ({ tab, q, page }),
  loader: ({ deps: { tab, q = "", page } }) =>
    tab === "extensions"
      ? Promise.all([queries.ensureQueryData(directoryQuery), queries.ensureQueryData(featureCodesQuery)])
      : queries.prefetchQuery(contactsQuery(q, page)),
  component: lazyRouteComponent(() => import("@/features/contacts/page"), "Contacts"),
});

const calls = createRoute({
  getParentRoute: () => shell,
  path: "/calls",
  validateSearch: readCallsSearch,
  loaderDeps: ({ search }) => ({ ...search, open: undefined, play: undefined }),
  loader: ({ deps, context: { me } }) => {
    void queries.prefetchQuery(directoryQuery);
    return queries.prefetchQuery(callsQuery(filterOf(deps, day(nowIn(me.timezone)))));
  },
  component: lazyRouteComponent(() => import("@/features/calls/page"), "Calls"),
});

const voicemail = createRoute({
  getParentRoute: () => shell,
  path: "/voicemail",
  validateSearch: sought,
  loader: () => Promise.all([queries.ensureQueryData(directoryQuery), queries.ensureQueryData(voicemailQuery)]),
  component: lazyRouteComponent(() => import("@/features/voicemail/page"), "Messages"),
});

const forwarding = createRoute({
  getParentRoute: () => shell,
  path: "/forwarding",
  validateSearch: (search: Record<string, unknown>): { tab?: "follow-me" } => (search["tab"] === "follow-me" ? { tab: "follow-me" } : {}),
  loader: () =>
    Promise.all([
      queries.ensureQueryData(directoryQuery),
      queries.ensureQueryData(forwardingQuery),
      queries.ensureQueryData(followMeQuery),
      queries.ensureQueryData(settingsQuery),
    ]),
  component: lazyRouteComponent(() => import("@/features/forwarding/page"), "ForwardingPage"),
});

const codes = createRoute({
  getParentRoute: () => shell,
  path: "/codes",
  loader: () => queries.ensureQueryData(featureCodesQuery),
  component: lazyRouteComponent(() => import("@/features/codes/page"), "Codes"),
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  loader: () =>
    Promise.all([
      queries.ensureQueryData(settingsQuery),
      queries.ensureQueryData(agentQuery),
      queries.ensureQueryData(wakeUpsQuery),
      queries.ensureQueryData(sessionsQuery),
    ]),
  component: lazyRouteComponent(() => import("@/features/settings/page"), "SettingsPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    shell.addChildren([home, contacts, calls, voicemail, forwarding, codes, settings]),
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
