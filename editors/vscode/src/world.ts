/** What the extension asks of VS Code and the machine: settings, interpreter, neighbours. */

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { type Disk, type World } from "./launch";
import { explicit, preset } from "./settings";
import { OwnSetting, SECTION } from "./table";

const PYTHON = "ms-python.python";
/** Extensions whose hover shows signature, type and docstring already. */
const HOVERS = ["ms-python.vscode-pylance", "ms-pyright.pyright", "detachhead.basedpyright", "anysphere.cursorpyright", "astral-sh.ty", "meta.pyrefly"];
const WINDOWS = process.platform === "win32";

export const disk: Disk = {
  exists: (file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false,
  list: (folder) => { try { return fs.readdirSync(folder); } catch { return []; } },
  read: (file) => { try { return fs.readFileSync(file, "utf8"); } catch { return undefined; } },
  real: (file) => { try { return fs.realpathSync(file); } catch { return file; } },
};

export function own<T>(key: OwnSetting): T | undefined {
  return vscode.workspace.getConfiguration(SECTION).get<T>(key);
}

export function world(context: vscode.ExtensionContext, interpreter: string | undefined): World {
  const open = vscode.workspace.workspaceFolders ?? [];
  return {
    command: own<string[]>("command") ?? [],
    interpreter,
    path: (process.env["PATH"] ?? "").split(path.delimiter).filter(Boolean),
    managed: managed(context),
    version: context.extension.packageJSON.version,
    untrusted: vscode.workspace.isTrusted ? [] : open.map((folder) => folder.uri.fsPath),
    home: os.homedir(),
    windows: WINDOWS,
  };
}

export function managed(context: vscode.ExtensionContext): string {
  return path.join(context.globalStorageUri.fsPath, "server");
}

/** What the user, or the workspace where it may, has set for a folder; and what follows from the neighbours. */
export function settings(
  context: vscode.ExtensionContext, scope: vscode.Uri | undefined, interpreter: string | undefined,
): Record<string, unknown> {
  const groups: { properties: Record<string, { scope: string }> }[] = context.extension.packageJSON.contributes.configuration;
  const declared = Object.entries(Object.assign({}, ...groups.map((group) => group.properties)) as Record<string, { scope: string }>)
    .map(([key, schema]) => [key.slice(SECTION.length + 1), schema.scope] as const);
  const user = new Set(declared.filter(([, where]) => where === "machine").map(([key]) => key));
  const configuration = vscode.workspace.getConfiguration(SECTION, scope);
  const values = explicit(declared.map(([key]) => key).filter(isServers), user, (key) => configuration.inspect(key));
  if (HOVERS.some(answersHover)) {
    preset(values, "hover.oursOnly", true);
  }
  if (interpreter && vscode.workspace.isTrusted) {
    preset(values, "interpreter", interpreter);
  }
  return values;
}

function isServers(key: string): boolean {
  const mine: Record<OwnSetting, true> = { command: true, package: true, "trace.server": true };
  return !(key in mine);
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

/** The Python that is selected in the Python extension, kept from the last time so that nobody waits for it at a start. */
export class Interpreter {
  private static readonly KEPT = "interpreter";
  private environments: Environments | undefined;

  constructor(private readonly context: vscode.ExtensionContext) {}

  get path(): string | undefined {
    return this.context.workspaceState.get<string>(Interpreter.KEPT);
  }

  /** Ask the Python extension, where there is one, now and whenever another is selected. */
  async follow(changed: () => void): Promise<void> {
    const api = await vscode.extensions.getExtension<{ environments?: Environments }>(PYTHON)?.activate();
    this.environments = api?.environments;
    const look = async () => {
      if (await this.look()) {
        changed();
      }
    };
    if (this.environments) {
      this.context.subscriptions.push(this.environments.onDidChangeActiveEnvironmentPath(look));
    }
    await look();
  }

  private async look(): Promise<boolean> {
    const before = this.path;
    const active = this.environments?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
    const found = active && (await this.environments?.resolveEnvironment(active));
    await this.context.workspaceState.update(Interpreter.KEPT, found?.executable.uri?.fsPath);
    return before !== this.path;
  }

  /** Let the user select one: in the Python extension, or a file where there is none. */
  async select(): Promise<void> {
    if (vscode.extensions.getExtension(PYTHON)) {
      await vscode.commands.executeCommand("python.setInterpreter");
      return;
    }
    const [picked] = (await vscode.window.showOpenDialog({ title: "The Python of your project", openLabel: "Select" })) ?? [];
    if (picked) {
      await vscode.workspace.getConfiguration(SECTION).update("interpreter", picked.fsPath, vscode.ConfigurationTarget.Global);
    }
  }
}
