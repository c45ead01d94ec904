// What a turn answers: what handles the next message. Nothing is `same`.

/** This actor, as before. */
export const same = Object.freeze({ tag: "same" });
/** This actor, in another state of its own: messages put aside with `defer` are delivered again, oldest first. */
export const changed = Object.freeze({ tag: "changed" });
/** This actor; the message is put aside, with the question if it is one, until the next `changed` or `become`. */
export const defer = Object.freeze({ tag: "defer" });
/** Nothing: the actor ends, as `normal`. */
export const stop = Object.freeze({ tag: "stop" });
/** This actor; the message was not understood. It goes to the dead letters, and who asked is refused, with this text. */
export const unhandled = (why) => ({ tag: "unhandled", val: why });
/** Another behaviour of the manifest, at the same address and with the same mailbox. Needs the grant `spawn:NAME`. */
export const become = (behavior) => ({ tag: "become", val: behavior });
