import type { Link, Reason } from "./machine";

/** A phone that speaks SIP. The only place that knows a SIP library implements it: `jssip.ts`. */
export interface Engine {
  start(login: Login): void;
  /** Uses another login from the next request on. */
  renew(login: Login): void;
  stop(): void;
  call(id: string, number: string): void;
  accept(id: string): void;
  refuse(id: string, status: number): void;
  end(id: string): void;
  mute(id: string, on: boolean): void;
  hold(id: string, on: boolean): void;
  sendKeys(id: string, keys: string): void;
  /** How well a call is heard, as far as the browser can tell. */
  quality(id: string): Promise<Quality | undefined>;
}

/** What the server says a page registers with. */
export interface Login {
  readonly websocket: string;
  readonly uri: string;
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  readonly iceServers: readonly RTCIceServer[];
}

/** What a phone is told from outside. */
export interface Listener {
  link(link: Link): void;
  incoming(id: string, number: string, name: string): void;
  progress(id: string, early: boolean): void;
  answered(id: string): void;
  renamed(id: string, number: string, name: string): void;
  otherHeld(id: string, held: boolean): void;
  ended(id: string, reason: Reason): void;
}

export interface Quality {
  /** Packets lost of those expected, 0 to 1, in the last two seconds. */
  readonly loss: number;
  readonly jitterMs: number;
  readonly roundTripMs: number;
}
