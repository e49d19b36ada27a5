/** Which program is the server: decided from what is on disk alone, without VS Code and without running anything. */

import * as fs from "node:fs";
import * as path from "node:path";

export interface World {
  /** The setting `command`; empty where it is not set. */
  command: readonly string[];
  /** The Python that is selected for the workspace, where somebody selects one. */
  interpreter?: string;
  /** The folders of PATH. */
  path: readonly string[];
  /** The folder of the environment that we made, or would make. */
  managed: string;
  /** Our own version: a server of another minor version speaks another language. */
  version: string;
  /** Folders whose programs must not be started: those of a workspace that nobody trusted. */
  untrusted: readonly string[];
  home: string;
  windows: boolean;
}

export type Source = "setting" | "interpreter" | "path" | "managed";
export interface Found { program: string; args: string[]; source: Source; version?: string }
/** `passed` says of each place before the one found, or of all, why it was not taken. */
export interface Choice { found?: Found; passed: string[] }

const PACKAGE = "coding-agent-lsp";
export const WHERE: Record<Source, string> = {
  setting: "the setting codingAgent.command",
  interpreter: "the selected interpreter's environment",
  path: "PATH",
  managed: "the environment of its own",
};

/** The order of the manual: setting, selected interpreter, PATH, our own environment. */
export function choose(world: World): Choice {
  const passed: string[] = [];
  const [first, ...rest] = world.command;
  if (first) {
    const named = first.startsWith("~/") ? path.join(world.home, first.slice(2)) : first;
    // What is looked at is what is started, whatever the folder that the server is started in.
    const program = path.isAbsolute(named) ? [named].find(isFile) : onPath(named, world)[0];
    return program ? { found: { program, args: rest.length ? rest : ["serve"], source: "setting" }, passed }
      : { passed: [`the setting codingAgent.command names ${first}, which does not exist`] };
  }
  for (const [source, program] of places(world)) {
    const known = program === undefined ? "no server there" : judged(program, source, world);
    if (program !== undefined && typeof known === "object") {
      return { found: { program, args: ["serve"], source, ...known }, passed };
    }
    passed.push(`${WHERE[source]}: ${known}`);
  }
  return { passed };
}

export function programOf(environment: string, windows: boolean, name = "coding-agent"): string {
  return path.join(environment, windows ? "Scripts" : "bin", windows ? `${name}.exe` : name);
}

function* places(world: World): Generator<[Source, string | undefined]> {
  if (world.interpreter) {
    const beside = path.join(path.dirname(world.interpreter), world.windows ? "coding-agent.exe" : "coding-agent");
    // On Windows an environment outside of a venv has its programs one folder below its Python.
    const below = path.join(path.dirname(world.interpreter), "Scripts", "coding-agent.exe");
    yield ["interpreter", [beside, below].find(isFile)];
  }
  const all = onPath("coding-agent", world);
  for (const program of all.length ? all : [undefined]) {
    yield ["path", program];
  }
  yield ["managed", [programOf(world.managed, world.windows)].find(isFile)];
}

function onPath(name: string, world: World): string[] {
  // A relative folder of PATH would be the workspace's.
  const folders = world.path.filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, world.windows ? `${name}.exe` : name)).filter(isFile);
}

/** Why a program is not started; what is known of its package where it may be. */
function judged(program: string, source: Source, world: World): string | { version: string } {
  const untrusted = world.untrusted.flatMap((folder) => [folder, real(folder)]);
  if (untrusted.some((folder) => [program, real(program)].some((file) => isBelow(file, folder)))) {
    return `${program} belongs to a folder that is not trusted`;
  }
  const version = installed(real(program));
  if (version === undefined) {
    return `${program} is no program of ${PACKAGE}`;
  }
  const fits = source === "managed" ? version === world.version : minor(version) === minor(world.version);
  return fits ? { version } : `${program} is version ${version}, and this extension wants ${world.version}`;
}

/** The version of our package in the environment of a program, by its metadata. */
export function installed(program: string): string | undefined {
  const root = path.dirname(path.dirname(program));
  const libraries = ["lib", "lib64", "local/lib"].flatMap((name) =>
    list(path.join(root, name)).filter((each) => /^python3/.test(each)).map((each) => path.join(root, name, each)));
  const folders = libraries.flatMap((each) => [path.join(each, "site-packages"), path.join(each, "dist-packages")]);
  for (const folder of [...folders, path.join(root, "Lib", "site-packages")]) {
    for (const name of list(folder).filter((each) => /^coding_agent_lsp-.*\.dist-info$/i.test(each))) {
      const about = or("", () => fs.readFileSync(path.join(folder, name, "METADATA"), "utf8"));
      const [title, version] = ["Name", "Version"].map((key) => about.match(new RegExp(`^${key}:\\s*(\\S+)`, "m"))?.[1]);
      if (title?.replaceAll("_", "-").toLowerCase() === PACKAGE && version) {
        return version;
      }
    }
  }
  return undefined;
}

/** What is installed into our own environment where the setting says nothing else. */
export const requirement = (version: string) => `${PACKAGE}==${version}`;
/** What some abilities need beyond the server: search by meaning, asking a model. */
export type Extra = "search" | "ai";
/** An extra as pip and the server name it. */
export const extra = (name: Extra) => `${PACKAGE}[${name}]`;
/** The same with an extra, which stands behind a file, and behind the name of a package. */
export const withExtra = (wanted: string, name: Extra) =>
  /[/\\]|\.whl$/.test(wanted) ? `${wanted}[${name}]` : wanted.replace(/^([\w.-]+)(\[[^\]]*\])?/, `$1[${name}]`);
const minor = (version: string) => version.split(".").slice(0, 2).join(".");

// A folder that cannot be read has nothing for us in it.
const or = <T>(other: T, ask: () => T): T => { try { return ask(); } catch { return other; } };
const isFile = (file: string) => or(false, () => fs.statSync(file).isFile());
const list = (folder: string) => or<string[]>([], () => fs.readdirSync(folder));
const real = (file: string) => or(file, () => fs.realpathSync.native(file));

function isBelow(file: string, folder: string): boolean {
  const way = path.relative(folder, file);
  return way !== "" && way.split(path.sep)[0] !== ".." && !path.isAbsolute(way);
}

/** One setting: its key, and who may set it (VS Code's `machine` is the user alone). */
export interface Declared { readonly key: string; readonly scope: string }
/** What VS Code knows of one setting; `undefined` is not set. */
export interface Inspected { globalValue?: unknown; workspaceValue?: unknown; workspaceFolderValue?: unknown }

/** The values that somebody set, nested as the server reads them, over presets. Defaults are the server's own: sent to
 * it, they would hide what a project's file says. Tables are merged, as VS Code shows them. */
export function explicit(
  declared: readonly Declared[], inspect: (key: string) => Inspected | undefined, presets: Record<string, unknown> = {},
): Record<string, unknown> {
  const values = structuredClone(presets);
  for (const { key, scope } of declared) {
    const { globalValue, workspaceValue, workspaceFolderValue } = inspect(key) ?? {};
    const layers = (scope === "machine" ? [globalValue] : [globalValue, workspaceValue, workspaceFolderValue]).filter((each) => each !== undefined);
    if (layers.length) {
      const [name = "", ...folders] = key.split(".").reverse();
      const into = folders.reverse().reduce((here, each) => (here[each] ??= {}) as Record<string, unknown>, values);
      const tables = layers.every((each) => typeof each === "object" && each !== null && !Array.isArray(each));
      into[name] = tables ? Object.assign({}, ...layers) : layers.at(-1);
    }
  }
  return values;
}
