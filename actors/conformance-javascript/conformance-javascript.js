// The contract from inside, in JavaScript: the same program as `actors/conformance` in Rust. It is written on the bare
// functions, not on the SDK: what the SDK does by itself would be between the contract and the check.

export * from "./exports.js";
export const imports = ["routes"];
