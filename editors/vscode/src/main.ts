/** What is loaded behind the activation: the server, its commands and the item in the status bar. */

import * as os from "node:os";
import * as vscode from "vscode";
import { ExecuteCommandRequest } from "vscode-languageclient/node";
import { run } from "./commands";
import * as environment from "./environment";
import * as key from "./key";
import { choose } from "./launch";
import * as page from "./page";
import * as review from "./review";
import { Server } from "./server";
import * as status from "./status";
import { Own, OwnSetting, Row, ROWS, SECTION } from "./table";
import { follow, interpreter, managed, own, selectInterpreter, world } from "./world";

export type Deeds = Record<Own | Row["name"], (...given: unknown[]) => unknown>;

/** Begin, and return what each command does, and what stops all. */
export function begin(context: vscode.ExtensionContext): { deeds: Deeds; stop: () => Promise<void> } {
  const server = new Server(context);
  const start = () => server.restart().then(() => offer(context, server));
  const ofServer = ROWS.map((row) => [row.name, (...given: unknown[]) => run(server, row, given)]);
  const deeds: Deeds = {
    ...(Object.fromEntries(ofServer) as Record<Row["name"], () => unknown>),
    setUp: () => setUp(context, server),
    restart: start,
    showLogs: () => server.log.show(),
    copyDebugInfo: () => copyDebugInfo(context, server),
    selectInterpreter,
    fixAll: () => vscode.commands.executeCommand("editor.action.codeAction", { kind: "source.fixAll.coding-agent", apply: "first" }),
    openSettings: () => vscode.commands.executeCommand("workbench.action.openSettings", `@ext:${context.extension.id}`),
    showMenu: () => vscode.commands.executeCommand("workbench.action.quickOpen", ">Coding Agent: "),
    remove: () => remove(context, server),
    acceptTests: () => review.reviews.answer(true),
    setAiKey: () => key.set(context),
    removeAiKey: () => key.remove(context),
    discardTests: () => review.reviews.answer(false),
  };
  let followed: Promise<void> | undefined;
  // A neighbour that cannot be activated is nobody's error here.
  const look = () => (followed ??= follow(context, () => server.reconsider()).catch((error) => server.log.warn(`no interpreter selected: ${error}`)));
  context.subscriptions.push(
    ...status.create(server),
    ...key.follow(context, server),
    review.register(),
    page.register(),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.trusted()),
    vscode.extensions.onDidChange(() => { followed = vscode.extensions.getExtension("ms-python.python") && followed; void look(); void server.configure(); }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const program: OwnSetting = "command";
      event.affectsConfiguration(`${SECTION}.${program}`) ? void server.reconsider().then(() => offer(context, server))
        : (event.affectsConfiguration(SECTION) || event.affectsConfiguration("python.languageServer")) && void server.configure();
    }),
  );
  context.subscriptions.push(vscode.languages.onDidChangeDiagnostics(() => void propose(context, server)));
  // Nothing of this is waited for: VS Code goes on while the server starts. What is missing is said when all was looked at.
  void Promise.all([server.restart(), look()]).then(() => offer(context, server));
  return { deeds, stop: () => server.stop() };
}

async function setUp(context: vscode.ExtensionContext, server: Server): Promise<void> {
  if (server.condition === "running" || own<string[]>("command")?.length) {
    void vscode.window.showInformationMessage(`Coding Agent: ${status.sentence(server)}`);
  } else if (await environment.make(context, server.log)) {
    await server.restart();
    await offer(context, server);
  }
}

/** Say what is missing; the item in the status bar goes on saying it. */
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

/** Offer search by meaning once the first finding is on the screen: it takes long, and nobody has to want it. */
async function propose(context: vscode.ExtensionContext, server: Server): Promise<void> {
  const key = "searchProposed", ours = ([, found]: [vscode.Uri, vscode.Diagnostic[]]) => found.some((each) => each.source === "coding-agent");
  if (server.found?.source !== "managed" || context.globalState.get(key) || !vscode.languages.getDiagnostics().some(ours)) {
    return;
  }
  await context.globalState.update(key, true);
  const told = await server.client?.sendRequest(ExecuteCommandRequest.type, { command: `${SECTION}.status`, arguments: [] }) as { meaning?: boolean };
  const word = told.meaning === false && await vscode.window.showInformationMessage(
    "Coding Agent can search your code by meaning, offline. That takes 450 MB more for its environment; until then it goes by words.", "Add", "Not Now");
  await (word === "Add" && server.extend("search"));
}

async function copyDebugInfo(context: vscode.ExtensionContext, server: Server): Promise<void> {
  const asked = { command: `${SECTION}.status`, arguments: [] };
  const answer = server.condition === "running" ? await server.client?.sendRequest(ExecuteCommandRequest.type, asked).catch(String) : "none";
  const lines = [
    `extension ${context.extension.packageJSON.version}, VS Code ${vscode.version}, ${process.platform} ${process.arch}, node ${process.version}`,
    `remote: ${vscode.env.remoteName ?? "no"}; workspace trusted: ${vscode.workspace.isTrusted}`,
    `server: ${status.sentence(server)}`,
    `not taken: ${choose(world(context)).passed.join("; ") || "nothing"}`,
    `interpreter: ${interpreter(context) ?? "none selected"}`,
    `answer: ${JSON.stringify(answer)}`,
  ];
  await vscode.env.clipboard.writeText(lines.join("\n").replaceAll(os.homedir(), "~"));
  void vscode.window.showInformationMessage("Coding Agent: debug information is in the clipboard.");
}

async function remove(context: vscode.ExtensionContext, server: Server): Promise<void> {
  const detail = `The server stops. ${managed(context)} is removed, and all that the server wrote for itself: caches, trusted folders, tests that were not taken.`;
  const word = await vscode.window.showWarningMessage("Remove Coding Agent's environment and caches?", { modal: true, detail }, "Remove");
  if (word) {
    const { program = "", args = [] } = server.found ?? {};
    await server.stop();
    const cleared = program && (await environment.run(program, [...args.slice(0, -1), "paths", "--clear"], server.log).catch(() => false));
    await environment.clear(managed(context));
    void vscode.window.showInformationMessage(`Coding Agent: removed${cleared ? "" : ", but not the caches"}. You can uninstall the extension now.`);
  }
}
