// The same, with the import that takes a fiber.

export * from "./exports.js";
export const imports = ["asking", "routes"];
