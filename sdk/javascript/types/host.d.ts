/**
 * The contract as it is, for code that does without `actor`: a main file that exports `init` and `handle`, and `version`,
 * `accepts`, `save`, `restore`, `exited`, `down`, `stopping` and `answered` where it has them.
 *
 * Addresses are strings of two groups of 16 hexadecimal digits; whole numbers of 64 bits are BigInts, and may be given as
 * numbers; lengths of time are in nanoseconds; a body is text or bytes, and comes as an ArrayBuffer. What the host refuses is
 * thrown as an object with `tag` and `val`.
 */

export type Body = string | ArrayBuffer | Uint8Array | null | undefined;
export type Reason = { tag: string; val?: string };
export type Number64 = bigint | number;

declare const host: {
  ownAddress(): string;
  send(to: string, kind: string, body: Body): void;
  startAsk(to: string, kind: string, body: Body, timeout: Number64): bigint;
  reply(request: Number64, kind: string, body: Body): void;
  refuse(request: Number64, why: string): void;
  /** With `export const imports = ["asking"]`. */
  ask(to: string, kind: string, body: Body, timeout: Number64): { kind: string; body: ArrayBuffer };
  spawn(
    behavior: string,
    config: string,
    name: string | null,
    link: boolean,
    monitor: boolean,
    grants: string[] | null,
  ): { address: string; monitor: bigint | null };
  link(to: string): void;
  unlink(to: string): void;
  monitor(whom: string): bigint;
  demonitor(monitor: Number64): void;
  trapExits(on: boolean): void;
  exit(whom: string, why: Reason): void;
  register(name: string): void;
  unregister(name: string): void;
  lookup(name: string): string | null;
  now(): bigint;
  wall(): bigint | null;
  /** From 0, trace, to 4, error. */
  log(level: number, text: string): void;
  config(): string;
  sendAfter(delay: Number64, to: string, kind: string, body: Body): bigint;
  sendEvery(interval: Number64, to: string, kind: string, body: Body): bigint;
  cancel(timer: Number64): void;
  publish(topic: string, kind: string, body: Body): void;
  subscribe(pattern: string): void;
  unsubscribe(pattern: string): void;
  /** With `export const imports = ["routes"]`. */
  setRoute(pattern: string, receivers: string[]): void;
  /** With `export const imports = ["routes"]`. */
  routes(): { pattern: string; receivers: string[] }[];
  read(device: string): { at: bigint; value: number };
  write(device: string, value: number): void;
  watch(device: string): void;
  /** Bytes as text, and text as bytes: UTF-8. */
  decode(bytes: ArrayBuffer | Uint8Array): string;
  encode(text: string): Uint8Array;
  /** From 0 to 1, below it; not for secrets. */
  random(): number;
};
export default host;
