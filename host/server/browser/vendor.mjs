// Copies what the page takes from others out of node_modules, which the lockfile pins, and writes down what it is.
// `node vendor.mjs` recreates the files; `node vendor.mjs --check` fails if any differs from vendor.json.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const page = new URL("../page/", import.meta.url);
const modules = new URL("./node_modules/", import.meta.url);
const manifest = new URL("./vendor.json", import.meta.url);

/** File of the page, package, file of the package. */
const FILES = [
  ["uplot.js", "uplot", "dist/uPlot.iife.min.js"],
  ["uplot.txt", "uplot", "LICENSE"],
];

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

if (process.argv.includes("--check")) {
  const { files } = JSON.parse(readFileSync(manifest, "utf8"));
  const wrong = files.filter(({ file, sha256 }) => digest(readFileSync(new URL(file, page))) !== sha256);
  for (const { file } of wrong) console.error(`host/server/page/${file} is not what vendor.json says: npm run vendor`);
  process.exit(wrong.length || files.length !== FILES.length ? 1 : 0);
}

const files = FILES.map(([file, name, from]) => {
  const { version, license } = JSON.parse(readFileSync(new URL(`${name}/package.json`, modules), "utf8"));
  const bytes = readFileSync(new URL(`${name}/${from}`, modules));
  writeFileSync(new URL(file, page), bytes);
  return { file, package: name, version, license, from, sha256: digest(bytes) };
});
writeFileSync(manifest, `${JSON.stringify({ files }, null, 2)}\n`);
