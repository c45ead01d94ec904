// Write Greenroom actors in JavaScript. In a test an actor is a value: see `test.js`.

export { actor } from "./actor.js";
export { Failure, HostError, Ignore, reasonText } from "./errors.js";
export { become, changed, defer, same, stop, unhandled } from "./next.js";
export { address, any, duration, flag, integer, list, number, oneOf, optional, text, whole } from "./shapes.js";
