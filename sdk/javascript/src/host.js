// The contract as it is, for code that does without the SDK: see `../types/host.d.ts`.

/** The host's functions, in a component; nothing elsewhere. */
export default globalThis.greenroomHost;
