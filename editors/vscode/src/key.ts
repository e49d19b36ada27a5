/** The key of the endpoint in the settings: VS Code keeps it, for each host its own, and the server is told. */

import * as vscode from "vscode";
import { hide, hostOf } from "./secret";
import { Server } from "./server";
import { SECTION } from "./table";

const name = (host: string) => `${SECTION} key of ${host}`;

/** The host of the user's own setting; a workspace has no say in it. */
export const host = () => hostOf(vscode.workspace.getConfiguration(SECTION).inspect<string>("ai.baseUrl")?.globalValue);

/** Tell the server the key of the host in the settings: as it starts, and whenever another counts. */
export function follow(context: vscode.ExtensionContext, server: Server): vscode.Disposable[] {
  let told = false, turn: Promise<void> = Promise.resolve();
  const tell = async () => {
    const now = host(), key = now && vscode.workspace.isTrusted ? await context.secrets.get(name(now)) : undefined;
    hide(key ?? "");
    // A server that never heard of a key need not hear that there is none.
    (key || told) && await server.tell(`${SECTION}/key`, { host: now ?? "", key: key ?? "" });
    told = Boolean(key);
  };
  const look = () => { turn = turn.then(tell).catch((error) => server.log.warn(`no key was told: ${error}`)); };
  return [
    server.onChange(look),
    context.secrets.onDidChange(look),
    vscode.workspace.onDidGrantWorkspaceTrust(look),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration(`${SECTION}.ai`) && look()),
  ];
}

/** Ask for the key of the host in the settings, and keep it. */
export async function set(context: vscode.ExtensionContext): Promise<void> {
  const now = await named();
  const prompt = `It is kept in VS Code's own store of secrets and sent to ${now} alone.`;
  const key = now && (await vscode.window.showInputBox({ title: `Key for ${now}`, prompt, password: true, ignoreFocusOut: true }))?.trim();
  if (now && key) {
    hide(key);
    await context.secrets.store(name(now), key);
    void vscode.window.showInformationMessage(`Coding Agent: the key for ${now} is kept.`);
  }
}

/** Forget the key of the host in the settings. */
export async function remove(context: vscode.ExtensionContext): Promise<void> {
  const now = await named();
  if (now) {
    await context.secrets.delete(name(now));
    void vscode.window.showInformationMessage(`Coding Agent: no key is kept for ${now} any more.`);
  }
}

async function named(): Promise<string | undefined> {
  const now = host();
  const word = now ?? await vscode.window.showErrorMessage("Coding Agent: name the endpoint first, in the setting codingAgent.ai.baseUrl.", "Open Settings");
  word === "Open Settings" && await vscode.commands.executeCommand("workbench.action.openSettings", `${SECTION}.ai.`);
  return now;
}
