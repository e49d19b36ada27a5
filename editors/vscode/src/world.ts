/** What the extension asks of VS Code and the machine: the disk, settings, neighbours, the selected interpreter. */

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { explicit, type Disk, type World } from "./launch";
import { OwnSetting, OWN_SETTINGS, SECTION } from "./table";

const PYTHON = "ms-python.python";
/** Extensions whose hover shows signature, type and docstring already. */
const HOVERS = ["ms-python.vscode-pylance", "ms-pyright.pyright", "detachhead.basedpyright", "anysphere.cursorpyright", "astral-sh.ty", "meta.pyrefly"];
const KEPT = "interpreter";

const or = <T>(other: T, ask: () => T): T => { try { return ask(); } catch { return other; } };
export const disk: Disk = {
  exists: (file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false,
  list: (folder) => or([], () => fs.readdirSync(folder)),
  read: (file) => or(undefined, () => fs.readFileSync(file, "utf8")),
  real: (file) => or(file, () => fs.realpathSync(file)),
};

export const own = <T>(key: OwnSetting) => vscode.workspace.getConfiguration(SECTION).get<T>(key);
export const managed = (context: vscode.ExtensionContext) => path.join(context.globalStorageUri.fsPath, "server");
/** The Python that is selected in the Python extension, as it was the last time: nobody waits for it at a start. */
export const interpreter = (context: vscode.ExtensionContext) => context.workspaceState.get<string>(KEPT);

export function world(context: vscode.ExtensionContext): World {
  return {
    command: own<string[]>("command") ?? [],
    interpreter: interpreter(context),
    path: (process.env["PATH"] ?? "").split(path.delimiter),
    managed: managed(context),
    version: context.extension.packageJSON.version,
    untrusted: vscode.workspace.isTrusted ? [] : (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
    home: os.homedir(),
    windows: process.platform === "win32",
  };
}

/** What somebody has set for a folder, over what follows from the neighbours. */
export function settings(context: vscode.ExtensionContext, scope?: vscode.Uri): Record<string, unknown> {
  const groups: { properties: Record<string, { scope: string }> }[] = context.extension.packageJSON.contributes.configuration;
  const declared = groups.flatMap((group) => Object.entries(group.properties)).map(([key, schema]) => ({ key: key.slice(SECTION.length + 1), ...schema }));
  const configuration = vscode.workspace.getConfiguration(SECTION, scope);
  const presets = {
    ...(HOVERS.some(answersHover) && { hover: { oursOnly: true } }),
    ...(vscode.workspace.isTrusted && interpreter(context) && { interpreter: interpreter(context) }),
  };
  return explicit(declared.filter(({ key }) => !(OWN_SETTINGS as readonly string[]).includes(key)), (key) => configuration.inspect(key), presets);
}

function answersHover(id: string): boolean {
  const off = id.endsWith("pylance") && vscode.workspace.getConfiguration("python").get("languageServer") === "None";
  return !off && vscode.extensions.getExtension(id) !== undefined;
}

/** The part that we need of what the Python extension exports. */
interface Environments {
  getActiveEnvironmentPath(scope?: vscode.Uri): { path: string };
  resolveEnvironment(of: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
  onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
}

/** Ask the Python extension, where there is one, which Python is selected: now, and whenever another is. */
export async function follow(context: vscode.ExtensionContext, changed: () => void): Promise<void> {
  const api = await vscode.extensions.getExtension<{ environments?: Environments }>(PYTHON)?.activate();
  const environments = api?.environments;
  const look = async () => {
    const active = environments?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
    const found = (active && (await environments?.resolveEnvironment(active)))?.executable.uri?.fsPath;
    if (found !== interpreter(context)) {
      await context.workspaceState.update(KEPT, found);
      changed();
    }
  };
  if (environments) {
    context.subscriptions.push(environments.onDidChangeActiveEnvironmentPath(look));
  }
  await look();
}

/** Let the user select one: in the Python extension, or a file where there is none. */
export async function selectInterpreter(): Promise<void> {
  if (vscode.extensions.getExtension(PYTHON)) {
    await vscode.commands.executeCommand("python.setInterpreter");
  } else {
    const [picked] = (await vscode.window.showOpenDialog({ title: "The Python of your project", openLabel: "Select" })) ?? [];
    await (picked && vscode.workspace.getConfiguration(SECTION).update(KEPT, picked.fsPath, vscode.ConfigurationTarget.Global));
  }
}
