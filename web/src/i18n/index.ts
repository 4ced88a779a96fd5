import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Texts } from "./zh-CN";

export type Language = "zh-CN" | "en";

/** Chinese unless the browser asks for English; who logged in is asked no more (GEN-11). */
export async function begin(): Promise<void> {
  const kept = localStorage.getItem(KEPT);
  const asked = navigator.language.toLowerCase().startsWith("en") ? "en" : "zh-CN";
  await i18next.use(initReactI18next).init({
    resources: {},
    fallbackLng: false,
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await change(kept === "en" || kept === "zh-CN" ? kept : asked);
}

/** Changes the language of everything at once, and keeps it for this machine. */
export function speak(language: Language): void {
  localStorage.setItem(KEPT, language);
  void change(language);
}

/** The language that was chosen on this machine, if one was. */
export function chosen(): string | null {
  return localStorage.getItem(KEPT);
}

async function change(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", await texts(language));
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** Only the language that is read is loaded. */
async function texts(language: Language): Promise<Texts> {
  return language === "en" ? (await import("./en")).en : (await import("./zh-CN")).zh;
}

const KEPT = "bellwire.language";
