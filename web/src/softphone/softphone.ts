import { useSyncExternalStore } from "react";
import { api, told } from "@/api/client";
import type { Engine, Login } from "./engine";
import { silent, step, type Effect, type Event, type Phone } from "./machine";
import { own, takeOver } from "./owner";

/**
 * The phone of this page: carries out what the machine says, and tells the machine what happened. It lives beside the
 * pages, so that a call outlives every change of page.
 */
class Softphone {
  #phone: Phone = silent;
  #engine: Engine | undefined;
  /** Counts starts and stops: what was begun before a stop is not gone on with after it. */
  #run = 0;
  /** Whether this tab is the phone of the browser. */
  #owned = false;
  #renewing: number | undefined;
  #release: (() => void) | undefined;
  readonly #listeners = new Set<() => void>();

  get phone(): Phone {
    return this.#phone;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Becomes the phone of this browser, unless another tab is it already. */
  async start(): Promise<void> {
    const run = ++this.#run;
    this.tell({ kind: "link", link: "connecting" });
    const release = await own({
      owned: () => {
        this.#owned = true;
        void this.#register();
      },
      elsewhere: () => this.tell({ kind: "link", link: "elsewhere" }),
      taken: () => this.#leave("elsewhere"),
    });
    if (run === this.#run) {
      this.#release = release;
    } else {
      release();
    }
  }

  /** Makes this tab the phone. */
  takeOver(): void {
    takeOver();
  }

  stop(): void {
    this.#run += 1;
    this.#leave("off");
    this.#release?.();
    this.#release = undefined;
  }

  /** Calls a number as it was typed or pasted. */
  dial(number: string, name = ""): void {
    this.tell({ kind: "dial", id: crypto.randomUUID(), number: dialable(number), name, at: Date.now() });
  }

  tell(event: Event): void {
    const [phone, effects] = step(this.#phone, event);
    this.#phone = phone;
    for (const effect of effects) {
      this.#perform(effect);
    }
    for (const listener of this.#listeners) {
      listener();
    }
  }

  /** How well the call is heard. */
  quality(id: string) {
    return this.#engine?.quality(id);
  }

  async #register(): Promise<void> {
    // The SIP library is a third of the client: pages are there before it.
    const { JsSipEngine } = await import("./jssip");
    const engine: Engine = new JsSipEngine({
      // One that was stopped goes on saying that it is not connected.
      link: (link) => this.#engine === engine && this.tell({ kind: "link", link }),
      incoming: (id, number, name) => this.tell({ kind: "incoming", id, number, name, at: Date.now() }),
      progress: (id, early) => this.tell({ kind: "progress", id, early }),
      answered: (id) => this.tell({ kind: "answered", id, at: Date.now() }),
      renamed: (id, number, name) => this.tell({ kind: "renamed", id, number, name }),
      otherHeld: (id, held) => this.tell({ kind: "other-held", id, held }),
      ended: (id, reason) => this.tell({ kind: "ended", id, reason }),
    });
    if (!this.#owned) {
      return;
    }
    this.#engine = engine;
    let started = false;
    const fetchLogin = async () => {
      try {
        const [login, lasts] = await freshLogin();
        if (this.#engine !== engine) {
          return;
        }
        if (started) {
          engine.renew(login);
        } else {
          engine.start(login);
          started = true;
        }
        this.#renewing = window.setTimeout(fetchLogin, lasts * 600);
      } catch {
        if (this.#engine === engine) {
          this.tell({ kind: "link", link: "lost" });
          this.#renewing = window.setTimeout(fetchLogin, RETRIED_AFTER_MS);
        }
      }
    };
    await fetchLogin();
  }

  #leave(link: "off" | "elsewhere"): void {
    this.#owned = false;
    window.clearTimeout(this.#renewing);
    const engine = this.#engine;
    this.#engine = undefined;
    engine?.stop();
    this.#phone = { ...silent };
    this.tell({ kind: "link", link });
  }

  #perform(effect: Effect): void {
    const engine = this.#engine;
    switch (effect.kind) {
      case "call":
        return engine?.call(effect.id, effect.number);
      case "accept":
        return engine?.accept(effect.id);
      case "end":
        return engine?.end(effect.id);
      case "refuse":
        return engine?.refuse(effect.id, effect.status);
      case "mute":
        return engine?.mute(effect.id, effect.on);
      case "hold":
        return engine?.hold(effect.id, effect.on);
      case "send-keys":
        return engine?.sendKeys(effect.id, effect.keys);
      case "forget-later":
        window.setTimeout(() => this.tell({ kind: "forget", id: effect.id }), SHOWN_AFTER_MS);
    }
  }
}

/** What is typed as people write numbers, as it is dialled: `+86 (28) 8533-7106` is `+862885337106`. */
export function dialable(text: string): string {
  return text.replaceAll(/[\s().\-/]/g, "").replaceAll(/[^0-9*#+]/g, "");
}

async function freshLogin(): Promise<[Login, number]> {
  const answer = await told(api.GET("/api/v1/softphone"));
  const { websocket, uri, name, user, password, realm, ice_servers } = answer;
  const iceServers = ice_servers.map((server) => ({
    urls: server.urls,
    ...(server.username == null ? {} : { username: server.username }),
    ...(server.credential == null ? {} : { credential: server.credential }),
  }));
  return [{ websocket, uri, name, user, password, realm, iceServers }, answer.expires_in_seconds];
}

export const softphone = new Softphone();

/** The phone, read where it is shown. */
export function usePhone(): Phone {
  return useSyncExternalStore(
    (listener) => softphone.subscribe(listener),
    () => softphone.phone,
  );
}

/** How long an ended call and its reason are shown. */
const SHOWN_AFTER_MS = 3_000;
const RETRIED_AFTER_MS = 5_000;
