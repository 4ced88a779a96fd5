import {
  IconAddressBook,
  IconArrowForwardUp,
  IconDialpad,
  IconHash,
  IconHistory,
  IconMessage,
  IconSettings,
} from "@tabler/icons-react";

/** The pages of the main menu in its order, as the manual has them (GEN-07), with the key that follows `g`. */
export const PAGES = [
  { to: "/", name: "home", icon: IconDialpad, key: "d" },
  { to: "/contacts", name: "contacts", icon: IconAddressBook, key: "c" },
  { to: "/calls", name: "calls", icon: IconHistory, key: "h" },
  { to: "/voicemail", name: "voicemail", icon: IconMessage, key: "v" },
  { to: "/forwarding", name: "forwarding", icon: IconArrowForwardUp, key: "t" },
  { to: "/codes", name: "codes", icon: IconHash, key: "k" },
  { to: "/settings", name: "settings", icon: IconSettings, key: "s" },
] as const;
