/** Which program is the server: decided from what is on disk alone, without VS Code and without running anything. */

import * as path from "node:path";

/** The part of the disk that is looked at; `list` answers a missing folder with nothing, `read` a missing file. */
export interface Disk {
  exists(file: string): boolean;
  list(folder: string): string[];
  read(file: string): string | undefined;
  real(file: string): string;
}

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
/** `passed` says of each place before it, or of all, why it was not taken; `broken` that the user's own word is wrong. */
export interface Choice { found?: Found; passed: string[]; broken: boolean }

const PACKAGE = "coding-agent-lsp";

/** The order of the manual: setting, selected interpreter, PATH, our own environment. */
export function choose(world: World, disk: Disk): Choice {
  const passed: string[] = [];
  const [first, ...rest] = world.command;
  if (first) {
    const program = first.startsWith("~/") ? path.join(world.home, first.slice(2)) : first;
    const there = path.isAbsolute(program) ? disk.exists(program) : onPath(program, world, disk).length > 0;
    if (there) {
      return { found: { program, args: rest.length ? rest : ["serve"], source: "setting" }, passed, broken: false };
    }
    return { passed: [`the setting codingAgent.command names ${first}, which does not exist`], broken: true };
  }
  for (const [source, program] of places(world, disk)) {
    const known = program === undefined ? "no server there" : judged(program, source, world, disk);
    if (program !== undefined && typeof known === "object") {
      return { found: { program, args: ["serve"], source, ...known }, passed, broken: false };
    }
    passed.push(`${WHERE[source]}: ${known}`);
  }
  return { passed, broken: false };
}

export const WHERE: Record<Source, string> = {
  setting: "the setting codingAgent.command",
  interpreter: "the selected interpreter's environment",
  path: "PATH",
  managed: "the environment of its own",
};

export function programOf(environment: string, windows: boolean, name = "coding-agent"): string {
  return path.join(environment, windows ? "Scripts" : "bin", windows ? `${name}.exe` : name);
}

function* places(world: World, disk: Disk): Generator<[Source, string | undefined]> {
  if (world.interpreter) {
    const beside = path.join(path.dirname(world.interpreter), world.windows ? "coding-agent.exe" : "coding-agent");
    // On Windows an environment outside of a venv has its programs one folder below its Python.
    const below = path.join(path.dirname(world.interpreter), "Scripts", "coding-agent.exe");
    yield ["interpreter", [beside, below].find((file) => disk.exists(file))];
  }
  const all = onPath("coding-agent", world, disk);
  for (const program of all.length ? all : [undefined]) {
    yield ["path", program];
  }
  const own = programOf(world.managed, world.windows);
  yield ["managed", disk.exists(own) ? own : undefined];
}

function onPath(name: string, world: World, disk: Disk): string[] {
  const names = world.windows ? [`${name}.exe`, `${name}.cmd`, name] : [name];
  // A relative folder of PATH would be the workspace's.
  const folders = world.path.filter((folder) => path.isAbsolute(folder));
  return folders.flatMap((folder) => names.map((each) => path.join(folder, each))).filter((file) => disk.exists(file));
}

/** Why a program is not started; what is known of its package where it may be. */
function judged(program: string, source: Source, world: World, disk: Disk): string | { version: string } {
  const real = disk.real(program);
  if (world.untrusted.some((folder) => [program, real].some((file) => isBelow(file, folder)))) {
    return `${program} belongs to a folder that is not trusted`;
  }
  const version = installed(real, disk);
  if (version === undefined) {
    return `${program} is no program of ${PACKAGE}`;
  }
  const fits = source === "managed" ? version === world.version : minor(version) === minor(world.version);
  return fits ? { version } : `${program} is version ${version}, and this extension wants ${world.version}`;
}

/** The version of our package in the environment of a program, by its metadata. */
export function installed(program: string, disk: Disk): string | undefined {
  const root = path.dirname(path.dirname(program));
  const libraries = ["lib", "lib64", "local/lib"].flatMap((name) =>
    disk.list(path.join(root, name)).filter((each) => /^python3/.test(each)).map((each) => path.join(root, name, each)));
  const folders = libraries.flatMap((each) => [path.join(each, "site-packages"), path.join(each, "dist-packages")]);
  for (const folder of [...folders, path.join(root, "Lib", "site-packages")]) {
    for (const name of disk.list(folder).filter((each) => /^coding_agent_lsp-.*\.dist-info$/i.test(each))) {
      const about = disk.read(path.join(folder, name, "METADATA")) ?? "";
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
const minor = (version: string) => version.split(".").slice(0, 2).join(".");
const isBelow = (file: string, folder: string) => /^(?!\.\.([/\\]|$)|[/\\]|\w:|$)/.test(path.relative(folder, file));

/** One setting: its key, and who may set it (VS Code's `machine` is the user alone). */
export interface Declared { key: string; scope: string }
/** What VS Code knows of one setting; `undefined` is not set. */
export interface Inspected { globalValue?: unknown; workspaceValue?: unknown; workspaceFolderValue?: unknown }

/** The values that somebody set, nested as the server reads them, over presets. Defaults are the server's own: sent to
 * it, they would hide what a project's file says. */
export function explicit(
  declared: readonly Declared[], inspect: (key: string) => Inspected | undefined, presets: Record<string, unknown> = {},
): Record<string, unknown> {
  const values = structuredClone(presets);
  for (const { key, scope } of declared) {
    const seen = inspect(key);
    const value = scope === "machine" ? seen?.globalValue : (seen?.workspaceFolderValue ?? seen?.workspaceValue ?? seen?.globalValue);
    if (value !== undefined) {
      const [name = "", ...folders] = key.split(".").reverse();
      const into = folders.reverse().reduce((here, each) => (here[each] ??= {}) as Record<string, unknown>, values);
      into[name] = value;
    }
  }
  return values;
}
