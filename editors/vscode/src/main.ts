/** What is loaded behind the activation: the server, its commands and the item in the status bar. */

import * as fs from "node:fs/promises";
import * as vscode from "vscode";
import * as commands from "./commands";
import * as environment from "./environment";
import * as review from "./review";
import { Server } from "./server";
import * as status from "./status";
import { Own, OwnSetting, Row, SECTION } from "./table";
import { follow, interpreter, managed, selectInterpreter } from "./world";

export type Deeds = Record<Own | Row["name"], (...given: unknown[]) => unknown>;

/** Begin, and return what each command does. */
export function begin(context: vscode.ExtensionContext): Deeds {
  const server = new Server(context);
  const deeds: Deeds = {
    ...commands.deeds(server),
    setUp: () => setUp(context, server),
    restart: () => server.restart(),
    showLogs: () => server.log.show(),
    copyDebugInfo: () => copyDebugInfo(context, server),
    selectInterpreter,
    fixAll: () => vscode.commands.executeCommand("editor.action.codeAction", { kind: "source.fixAll.coding-agent", apply: "first" }),
    showMenu: () => vscode.commands.executeCommand("workbench.action.quickOpen", ">Coding Agent: "),
    openSettings: () => vscode.commands.executeCommand("workbench.action.openSettings", `@ext:${context.extension.id}`),
    remove: () => remove(context, server),
    acceptTests: () => review.reviews.answer(true),
    discardTests: () => review.reviews.answer(false),
  };
  context.subscriptions.push(
    new vscode.Disposable(() => void server.stop()),
    ...status.create(server),
    review.register(),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.trusted()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const program: OwnSetting = "command";
      if (event.affectsConfiguration(`${SECTION}.${program}`)) {
        void server.restart().then(() => offer(context, server));
      } else if (event.affectsConfiguration(SECTION)) {
        void server.configure();
      }
    }),
  );
  // Nothing of this is waited for: VS Code goes on while the server starts.
  void server.restart().then(() => offer(context, server));
  void follow(context, () => server.reconsider());
  return deeds;
}

async function setUp(context: vscode.ExtensionContext, server: Server): Promise<void> {
  if (server.condition === "running") {
    void vscode.window.showInformationMessage(`Coding Agent: ${status.sentence(server)}`);
  } else if (await environment.make(context, server.log)) {
    await server.restart();
  }
}

/** Say what is missing, once in a session; the item in the status bar goes on saying it. */
async function offer(context: vscode.ExtensionContext, server: Server): Promise<void> {
  if (server.condition === "missing") {
    const message = "Coding Agent needs its server. Set Up makes it a Python environment of its own, beside your projects.";
    const word = await vscode.window.showInformationMessage(message, "Set Up", "Show Logs");
    await (word === "Set Up" ? setUp(context, server) : word && server.log.show());
  } else if (server.condition === "failed") {
    const word = await vscode.window.showErrorMessage(`Coding Agent: ${status.sentence(server)}`, "Open Settings", "Show Logs");
    await (word === "Open Settings" ? vscode.commands.executeCommand(`${SECTION}.openSettings`) : word && server.log.show());
  }
}

async function copyDebugInfo(context: vscode.ExtensionContext, server: Server): Promise<void> {
  const lines = [
    `extension ${context.extension.packageJSON.version}, VS Code ${vscode.version}, ${process.platform} ${process.arch}, node ${process.version}`,
    `remote: ${vscode.env.remoteName ?? "no"}; workspace trusted: ${vscode.workspace.isTrusted}`,
    `server: ${status.sentence(server)}`,
    `interpreter: ${interpreter(context) ?? "none selected"}`,
    `answer: ${JSON.stringify(await vscode.commands.executeCommand(`${SECTION}.status`))}`,
  ];
  await vscode.env.clipboard.writeText(lines.join("\n"));
  void vscode.window.showInformationMessage("Coding Agent: debug information is in the clipboard.");
}

async function remove(context: vscode.ExtensionContext, server: Server): Promise<void> {
  const detail = `The server stops. ${managed(context)} is removed; so are our caches, if the server can clear them.`;
  const word = await vscode.window.showWarningMessage("Remove Coding Agent's environment and caches?", { modal: true, detail }, "Remove");
  if (word) {
    const program = server.found?.program;
    await server.stop();
    await (program && environment.run(program, ["paths", "--clear"], server.log).catch((error) => server.log.warn(String(error))));
    await fs.rm(managed(context), { recursive: true, force: true });
    void vscode.window.showInformationMessage("Coding Agent: removed. You can uninstall the extension now.");
  }
}
