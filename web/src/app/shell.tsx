import { ActionIcon, Alert, AppShell, Badge, Box, Burger, Drawer, Group, Indicator, NavLink, ScrollArea, Text } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconPhone } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate, useRouteContext } from "@tanstack/react-router";
import { Fragment, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { LOGGED_OUT } from "@/api/client";
import { listen, useLive } from "@/api/live";
import { Dock } from "@/features/dock/dock";
import { IncomingCalls } from "@/features/dock/incoming";
import { PaletteOpener } from "@/features/palette/opener";
import { chosen, speak, type Language } from "@/i18n";
import { isLive } from "@/softphone/machine";
import { softphone, usePhone } from "@/softphone/softphone";
import { AccountMenu } from "./account-menu";
import { DndSwitch } from "./dnd-switch";
import { FaxLater } from "./fax-later";
import { PAGES } from "./pages";
import { useShortcuts } from "./shortcuts";

/**
 * What stands around every page: the menu, the phone, incoming calls. It is never left while somebody is logged in, so that
 * a call outlives every change of page.
 */
export function Shell() {
  const { t } = useTranslation();
  const { me } = useRouteContext({ from: "/shell" });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [menu, { toggle: toggleMenu, close: closeMenu }] = useDisclosure();
  const [dock, { toggle: toggleDock, open: openDock, close: closeDock }] = useDisclosure();
  const wide = useMediaQuery("(min-width: 75em)", true, { getInitialValueInEffect: false });
  useShortcuts();
  const called = usePhone().lines.find((line) => line.stage === "dialing")?.id;
  useEffect(() => {
    // Whoever calls from a page sees his call, also where the phone is not beside it.
    if (called !== undefined && !wide) {
      openDock();
    }
  }, [called, wide, openDock]);

  useEffect(() => listen(queries), [queries]);
  useEffect(() => {
    if (me.number == null) {
      return;
    }
    void softphone.start();
    return () => softphone.stop();
  }, [me.number]);
  useEffect(() => {
    if (chosen() === null) {
      speak(me.language as Language);
    }
  }, [me.language]);
  useEffect(() => {
    const leave = () => {
      queries.clear();
      void navigate({ to: "/login", search: { to: undefined, why: "ended" } });
    };
    window.addEventListener(LOGGED_OUT, leave);
    return () => window.removeEventListener(LOGGED_OUT, leave);
  }, [queries, navigate]);
  useCallGuard();

  return (
    <AppShell
      padding="md"
      header={{ height: 56 }}
      navbar={{ width: { sm: 72, lg: 220 }, breakpoint: "sm", collapsed: { mobile: !menu } }}
      aside={{ width: 340, breakpoint: "lg", collapsed: { mobile: true, desktop: !wide } }}
    >
      <a className="skip" href="#content">
        {t("nav.skip")}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={menu} onClick={toggleMenu} hiddenFrom="sm" size="sm" aria-label={t("nav.main")} />
            <Text fw={700} size="lg">
              {me.site || t("product")}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <PaletteOpener />
            {!wide && <DockButton open={toggleDock} />}
            <AccountMenu me={me} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs">
        <AppShell.Section grow component={ScrollArea}>
          <Menu wide={wide || menu} close={closeMenu} />
        </AppShell.Section>
        {me.number != null && (
          <AppShell.Section>
            <DndSwitch wide={wide || menu} />
          </AppShell.Section>
        )}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Box maw={1200} mx="auto">
          <Offline zone={me.timezone} />
          <Outlet />
        </Box>
      </AppShell.Main>
      {wide ? (
        <AppShell.Aside>
          <ScrollArea h="100%">
            <Dock />
          </ScrollArea>
        </AppShell.Aside>
      ) : (
        <Drawer opened={dock} onClose={closeDock} position="right" size={360} title={t("dial.title")} keepMounted={false}>
          <Dock />
        </Drawer>
      )}
      <IncomingCalls />
    </AppShell>
  );
}

function Menu({ wide, close }: { wide: boolean; close: () => void }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const { newMessages } = useLive();
  return (
    <nav aria-label={t("nav.main")}>
      {PAGES.map(({ to, name, icon: Icon }) => {
        const count = name === "voicemail" ? newMessages : 0;
        return (
          <Fragment key={to}>
            <NavLink
              component={Link}
              to={to}
              label={wide ? t(`nav.${name}`) : undefined}
              aria-label={t(`nav.${name}`)}
              aria-current={pathname === to ? "page" : undefined}
              active={pathname === to}
              leftSection={
                <Indicator disabled={wide || count === 0} size={8} color="red">
                  <Icon size={20} stroke={1.6} aria-hidden />
                </Indicator>
              }
              rightSection={
                wide && count > 0 ? (
                  <Badge size="sm" circle={count < 10}>
                    {count}
                  </Badge>
                ) : undefined
              }
              onClick={close}
              style={{ borderRadius: "var(--mantine-radius-md)" }}
            />
            {name === "voicemail" && <FaxLater wide={wide} />}
          </Fragment>
        );
      })}
    </nav>
  );
}

/** Opens the phone where there is no room for it beside the page. */
function DockButton({ open }: { open: () => void }) {
  const { t } = useTranslation();
  const inCall = usePhone().lines.some(isLive);
  return (
    <ActionIcon size="lg" variant={inCall ? "filled" : "light"} color={inCall ? "green" : "indigo"} onClick={open} aria-label={t("dial.title")}>
      <IconPhone size={20} />
    </ActionIcon>
  );
}

/** Says how old what is shown is, when the server is not heard. */
function Offline({ zone }: { zone: string }) {
  const { t } = useTranslation();
  const { connected, heard } = useLive();
  if (connected || heard === 0) {
    return null;
  }
  const time = new Intl.DateTimeFormat(undefined, { timeZone: zone, timeStyle: "short" }).format(heard);
  return (
    <Alert color="yellow" mb="md" role="status">
      {t("data.offline", { time })}
    </Alert>
  );
}

/** Asks before a page is left that would end a call. */
function useCallGuard() {
  const inCall = usePhone().lines.some(isLive);
  useEffect(() => {
    if (!inCall) {
      return;
    }
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [inCall]);
}
