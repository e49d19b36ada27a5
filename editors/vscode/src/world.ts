/** What the extension asks of VS Code: settings, trust, neighbours, the selected interpreter. */

import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { explicit, type World } from "./launch";
import { OwnSetting, SECTION, SETTINGS } from "./table";

const PYTHON = "ms-python.python";
/** Extensions whose hover shows signature, type and docstring already; the first brings Pylance or Jedi. */
const HOVERS = [PYTHON, "ms-pyright.pyright", "detachhead.basedpyright", "anysphere.cursorpyright", "astral-sh.ty", "meta.pyrefly"];
const KEPT = "interpreters";

export const own = <T>(key: OwnSetting) => vscode.workspace.getConfiguration(SECTION).get<T>(key);
export const managed = (context: vscode.ExtensionContext) => path.join(context.globalStorageUri.fsPath, "server");

/** VS Code's own word about this window; where its question is switched off nobody was asked, and the server asks. */
export function trust(): "granted" | "restricted" | "ask" {
  const asks = vscode.workspace.getConfiguration("security.workspace.trust").get<boolean>("enabled", true);
  return !vscode.workspace.isTrusted ? "restricted" : asks ? "granted" : "ask";
}

export function world(context: vscode.ExtensionContext): World {
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  return {
    command: own<string[]>("command") ?? [],
    interpreter: interpreter(context),
    path: (process.env["PATH"] ?? "").split(path.delimiter),
    managed: managed(context),
    version: context.extension.packageJSON.version,
    untrusted: trust() === "granted" ? [] : folders,
    home: os.homedir(),
    windows: process.platform === "win32",
  };
}

/** What somebody has set for a folder, over what follows from the neighbours. */
export function settings(context: vscode.ExtensionContext, scope?: vscode.Uri): Record<string, unknown> {
  const configuration = vscode.workspace.getConfiguration(SECTION, scope), selected = interpreter(context, scope);
  const presets = {
    ...(HOVERS.some(answersHover) && { hover: { oursOnly: true } }),
    ...(trust() !== "restricted" && selected && { interpreter: selected }),
  };
  return explicit(SETTINGS, (key) => configuration.inspect(key), presets);
}

function answersHover(id: string): boolean {
  const off = id === PYTHON && vscode.workspace.getConfiguration("python").get("languageServer") === "None";
  return !off && vscode.extensions.getExtension(id) !== undefined;
}

/** The part that we need of what the Python extension exports. */
interface Environments {
  getActiveEnvironmentPath(scope?: vscode.Uri): { path: string };
  resolveEnvironment(of: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
  onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
}

/** The Python that is selected for a folder, as it was the last time: nobody waits for it at a start. */
export function interpreter(context: vscode.ExtensionContext, scope?: vscode.Uri): string | undefined {
  const folder = (scope && vscode.workspace.getWorkspaceFolder(scope)) ?? vscode.workspace.workspaceFolders?.[0];
  return context.workspaceState.get<Record<string, string>>(KEPT, {})[`${folder?.uri}`];
}

/** Ask the Python extension, once it is there, which Python is selected: now, and whenever another is. */
export async function follow(context: vscode.ExtensionContext, changed: () => Promise<void>): Promise<void> {
  const api = await vscode.extensions.getExtension<{ environments?: Environments }>(PYTHON)?.activate();
  const environments = api?.environments;
  if (!environments) {
    return;
  }
  const look = async () => {
    const found: Record<string, string> = {};
    for (const folder of vscode.workspace.workspaceFolders ?? [undefined]) {
      const resolved = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(folder?.uri));
      Object.assign(found, resolved?.executable.uri && { [`${folder?.uri}`]: resolved.executable.uri.fsPath });
    }
    if (JSON.stringify(found) !== JSON.stringify(context.workspaceState.get(KEPT, {}))) {
      await context.workspaceState.update(KEPT, found);
      await changed();
    }
  };
  context.subscriptions.push(environments.onDidChangeActiveEnvironmentPath(look), vscode.workspace.onDidChangeWorkspaceFolders(look));
  await look();
}

/** Let the user select one: in the Python extension, or a file where there is none. */
export async function selectInterpreter(): Promise<void> {
  if (vscode.extensions.getExtension(PYTHON)) {
    await vscode.commands.executeCommand("python.setInterpreter");
  } else {
    const [picked] = (await vscode.window.showOpenDialog({ title: "The Python of your project", openLabel: "Select" })) ?? [];
    await (picked && vscode.workspace.getConfiguration(SECTION).update("interpreter", picked.fsPath, vscode.ConfigurationTarget.Global));
  }
}
