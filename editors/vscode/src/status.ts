/** The item in the status bar: what the server is doing, with a menu of everything there is to do. */

import * as vscode from "vscode";
import { host } from "./key";
import { WHERE } from "./launch";
import { Condition, Server } from "./server";
import { SECTION } from "./table";

const ICONS: Record<Condition, string> = { starting: "loading~spin", running: "verified", missing: "tools", failed: "error", stopped: "circle-slash" };
const PYTHON = { language: "python" };

export function create(server: Server): vscode.Disposable[] {
  const item = vscode.window.createStatusBarItem(`${SECTION}.status`, vscode.StatusBarAlignment.Right, 90);
  item.name = "Coding Agent";
  item.command = `${SECTION}.showMenu`;
  const draw = () => {
    const asked = vscode.workspace.isTrusted && model();
    const restricted = vscode.workspace.isTrusted ? "" : " Restricted: none of this folder's code is run.";
    item.text = `$(${restricted && server.condition === "running" ? "shield" : ICONS[server.condition]}) Coding Agent`;
    item.tooltip = `${sentence(server)}${restricted}${asked ? `\nAsks ${asked} where you want it. ${server.spent}` : ""}`;
    item.accessibilityInformation = { label: `Coding Agent: ${item.tooltip}`, role: "button" };
    item.backgroundColor = ["missing", "failed"].includes(server.condition) ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    const document = vscode.window.activeTextEditor?.document;
    document && vscode.languages.match(PYTHON, document) ? item.show() : item.hide();
  };
  draw();
  return [item, server.onChange(draw), vscode.window.onDidChangeActiveTextEditor(draw), vscode.workspace.onDidGrantWorkspaceTrust(draw), vscode.workspace.onDidChangeConfiguration(draw)];
}

/** The model and the host that the user's own settings name. */
function model(): string | undefined {
  const settings = vscode.workspace.getConfiguration(SECTION), at = host();
  return at && settings.get<boolean>("ai.enabled") ? `${settings.get("ai.model") || "a model"} at ${at}` : undefined;
}

export function sentence(server: Server): string {
  const { condition, reason, found } = server;
  const from = found ? `${found.program} (${found.version ?? "version not known"}, from ${WHERE[found.source]})` : "";
  return {
    starting: `Starting ${from}.`,
    running: `Running ${from}.`,
    missing: `No server yet: ${reason}.`,
    failed: `Cannot start: ${reason}.`,
    stopped: reason || "Stopped.",
  }[condition];
}
