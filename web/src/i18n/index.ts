import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";
import { zh } from "./zh-CN";

export type Language = "zh-CN" | "en";

/** Chinese unless the browser asks for English; who logged in is asked no more (GEN-11). */
export function begin(): void {
  const kept = localStorage.getItem(KEPT);
  const asked = navigator.language.toLowerCase().startsWith("en") ? "en" : "zh-CN";
  void i18next.use(initReactI18next).init({
    lng: kept === "en" || kept === "zh-CN" ? kept : asked,
    fallbackLng: "zh-CN",
    resources: { "zh-CN": { translation: zh }, en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = i18next.language;
}

/** Changes the language of everything at once. */
export function speak(language: Language): void {
  localStorage.setItem(KEPT, language);
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}

/** The language that was chosen on this machine, if one was. */
export function chosen(): string | null {
  return localStorage.getItem(KEPT);
}

const KEPT = "bellwire.language";
