// An actor in JavaScript or TypeScript → the memory of an engine that has run it, which the builder makes a component of.
//
//   node build.mjs '{"entry", "folder", "sdk", "engines", "out"}'
//
// Checks types, bundles, asks the actor what it has, runs the bundle up to its end in the engine. Says what there is on
// the last line of standard output, as JSON; what is wrong on standard error, with places in the source.

import { build as bundle, formatMessages } from "esbuild";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";

const { entry, folder, sdk, engines, out } = JSON.parse(process.argv[2]);
const { sourceStack } = await import(pathToFileURL(join(sdk, "src/places.js")).href);
const SDK = "@greenroom/actor";
const scratch = await mkdtemp(join(out, "javascript-"));

/** A build that cannot be: the text is for whoever wrote the source. */
class Refused extends Error {}

/** What a package of the project's own is, or nothing. */
function own(name) {
  try {
    return createRequire(join(folder, "package.json")).resolve(name);
  } catch {
    return undefined;
  }
}

// The SDK that the project has installed, or the one that this builder comes with.
const known = own(`${SDK}/component`) === undefined;
const beside = {
  name: "sdk",
  setup(build) {
    const exports = JSON.parse(readFileSync(join(sdk, "package.json"), "utf8")).exports;
    build.onResolve({ filter: /^@greenroom\/actor(\/|$)/ }, ({ path }) => {
      if (!known) return undefined;
      const target = exports[`.${path.slice(SDK.length)}`];
      return target && { path: join(sdk, target.default ?? target), sideEffects: false };
    });
  },
};

async function bundled(input) {
  try {
    return await bundle({
      ...input,
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "neutral",
      target: "es2023",
      mainFields: ["module", "main"],
      absWorkingDir: folder,
      outfile: join(folder, "actor.js"),
      sourcemap: "external",
      sourcesContent: false,
      legalComments: "none",
      logLevel: "silent",
      plugins: [beside],
    });
  } catch (error) {
    if (!error.errors) throw error;
    const told = await formatMessages(error.errors, { kind: "error", color: false, terminalWidth: 0 });
    throw new Refused(told.map((text) => text.trim()).join("\n\n"));
  }
}

/** What the main file exports, and what the component has because of it. */
async function look() {
  const result = await bundled({ entryPoints: [entry] });
  const [{ exports }] = Object.values(result.metafile.outputs).filter((output) => output.entryPoint);
  if (!exports.includes("default")) {
    if (!exports.includes("handle")) {
      throw new Refused(`${relative(folder, entry)}: it exports no actor: \`export default actor({ … })\``);
    }
    // Bare functions of the contract. What they import nobody can see, so they say it.
    const module = await run(result);
    const imports = module.imports ?? [];
    return {
      asking: imports.includes("asking"),
      routes: imports.includes("routes"),
      state: exports.includes("save"),
      signals: ["exited", "down", "stopping"].some((name) => exports.includes(name)),
      replies: exports.includes("answered"),
      source: JSON.stringify(entry),
      bare: true,
    };
  }
  const { default: actor } = await run(result);
  if (typeof actor?.parts !== "object") {
    throw new Refused(`${relative(folder, entry)}: what it exports by default is no actor: \`export default actor({ … })\``);
  }
  return actor.parts;
}

/** Runs the bundle here, to see what it exports. Nobody is there to be called. */
async function run(result) {
  const nobody = (name) => () => {
    throw new Error(`\`${String(name)}\` of the host is called outside of a function: nothing is asked for before the first turn`);
  };
  globalThis.greenroomHost = new Proxy({}, { get: (_, name) => nobody(name) });
  const path = join(scratch, "actor.js.mjs");
  const [map, code] = ["actor.js.map", "actor.js"].map((name) => result.outputFiles.find(({ path }) => path.endsWith(name)));
  await writeFile(path, code.text);
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw new Refused(told(error, places(map.text), "actor.js.mjs"));
  }
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The numbers of one segment. Source: the source map format (ECMA-426). */
function numbers(segment) {
  const all = [];
  let value = 0, shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    all.push(value & 1 ? -(value >> 1) : value >> 1);
    value = shift = 0;
  }
  return all;
}

/** What `places.js` of the SDK reads, of a source map: where each line of the author's comes from. */
function places(text) {
  const { sources, mappings } = JSON.parse(text);
  const isOwn = (source) => relative(sdk, join(folder, source)).startsWith("..") && !source.includes(`node_modules/${SDK}/`);
  let source = 0, line = 0;
  const lines = mappings.split(";").map((segments) => {
    let found = 0;
    for (const [, sourceStep, lineStep] of segments.split(",").filter(Boolean).map(numbers)) {
      if (sourceStep === undefined) continue;
      source += sourceStep;
      line += lineStep;
      // The first of a line: what is behind it on the line is its own.
      if (!found && isOwn(sources[source])) found = 1 + source + sources.length * (line + 1);
    }
    return found;
  });
  return { sources, lines };
}

const told = (error, map, file) => {
  if (!(error instanceof Error)) return `${error} was thrown`;
  return `${error}\n${sourceStack(map, error.stack ?? "", file)}`.trim();
};

/** The functions of the contract that a component with these parts exports. */
function exportsOf({ state, signals, replies }) {
  const interfaces = { behavior: true, state, signals, replies };
  return Object.keys(interfaces).filter((name) => interfaces[name]);
}

/** Runs the actor's file in the engine that the component will have. */
async function prepare(parts) {
  const code = parts.bare
    ? `export * from ${parts.source};`
    : `import { component } from "${SDK}/component";
       import actor from ${JSON.stringify(entry)};
       export const { init, handle, version, accepts, save, restore, exited, down, stopping, answered } = component(actor);`;
  const result = await bundled({ stdin: { contents: code, resolveDir: folder, sourcefile: "component.js" } });
  const text = (ending) => result.outputFiles.find(({ path }) => path.endsWith(ending)).text;
  const map = places(text(".map"));

  const name = ["engine", parts.asking && "asking", parts.routes && "routes"].filter(Boolean).join("-");
  const engine = join(engines, `${name}.wasm`);
  const module = await WebAssembly.compile(await readFile(engine));
  let memory;
  const string = (at, length) => new TextDecoder().decode(new Uint8Array(memory.buffer, at, length));
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    (imports[from] ??= {})[name] = () => {
      throw new Refused(`${relative(folder, entry)} calls \`${name}\` of ${from} outside of its functions: nothing is asked for before the first turn`);
    };
  }
  const put = (interface_, name, work) => {
    const key = Object.keys(imports).find((module) => module.startsWith(`greenroom:actor/${interface_}@`));
    if (key && imports[key][name]) imports[key][name] = work;
  };
  // What a file says while it is built is for whoever builds it. What time it is then is nobody's.
  put("log", "write", (_, at, length) => console.error(string(at, length)));
  put("clock", "now", () => 0n);
  put("clock", "wall", (at) => new DataView(memory.buffer).setUint8(at, 0));
  const instance = await WebAssembly.instantiate(module, imports);
  const { _initialize, allocate, prepare, __stack_pointer } = instance.exports;
  memory = instance.exports.memory;
  _initialize?.();
  const zeroEnded = (text) => {
    const bytes = new TextEncoder().encode(text);
    const at = allocate(bytes.length + 1);
    new Uint8Array(memory.buffer).set([...bytes, 0], at);
    return at;
  };
  const failed = prepare(zeroEnded(text("actor.js")), zeroEnded(JSON.stringify(map)));
  if (failed) {
    const bytes = new Uint8Array(memory.buffer);
    const [message, ...stack] = string(failed, bytes.indexOf(0, failed) - failed).split("\n");
    throw new Refused(`${message}\n${sourceStack(map, stack.join("\n"), "actor.js")}`.trim());
  }
  // The stack is empty again: what is left there is nobody's. It lies at the very beginning.
  new Uint8Array(memory.buffer, 0, __stack_pointer.value).fill(0);
  await writeFile(join(out, "memory"), new Uint8Array(memory.buffer));
  return { engine, memory: join(out, "memory"), interfaces: exportsOf(parts) };
}

/** The project's own settings: beside the main file, or above it up to the folder that is the package. */
function configOf(at) {
  const config = join(at, "tsconfig.json");
  if (existsSync(config)) return config;
  const above = join(at, "..");
  return existsSync(join(at, "package.json")) || above === at ? undefined : configOf(above);
}

/** The errors of the types, each with its place. */
async function check() {
  if (!/\.m?ts$/.test(entry)) return [];
  const config = join(scratch, "tsconfig.json");
  const project = configOf(folder);
  const defaults = { strict: true, target: "es2023", lib: ["es2023"], module: "esnext", moduleResolution: "bundler", types: [] };
  const paths = { [SDK]: [join(sdk, "types/index.d.ts")], [`${SDK}/host`]: [join(sdk, "types/host.d.ts")] };
  const options = { ...(project ? {} : defaults), noEmit: true, ...(known ? { paths } : {}) };
  const extended = project ? { extends: project } : {};
  await writeFile(config, JSON.stringify({ ...extended, compilerOptions: options, files: [entry], include: [] }));
  const compiler = own("typescript/package.json") ?? createRequire(import.meta.url).resolve("typescript/package.json");
  const { bin } = JSON.parse(await readFile(compiler, "utf8"));
  const words = [join(compiler, "..", bin.tsc ?? bin), "--project", config, "--pretty", "false"];
  const said = await new Promise((done) => {
    execFile(process.execPath, words, { cwd: folder, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      done(error ? stdout + stderr : "");
    });
  });
  // As other compilers write places.
  return said.split("\n").filter(Boolean).map((line) => line.replace(/^(\S.*?)\((\d+),(\d+)\): /, "$1:$2:$3: "));
}

try {
  // The types first: what they say is clearer than what comes of it.
  const [misfits, looked] = await Promise.allSettled([check(), look()]);
  if (misfits.status === "rejected") throw misfits.reason;
  if (misfits.value.length) throw new Refused(misfits.value.join("\n"));
  if (looked.status === "rejected") throw looked.reason;
  console.log(JSON.stringify(await prepare(looked.value)));
} catch (error) {
  console.error(error instanceof Refused ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}
