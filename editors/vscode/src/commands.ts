/** The server's commands in the palette, menus and lenses; what comes back is shown as something to go through. */

import * as vscode from "vscode";
import { ExecuteCommandRequest, WorkDoneProgress, WorkDoneProgressCancelNotification } from "vscode-languageclient/node";
import { Server } from "./server";
import { ROWS, Row, SECTION } from "./table";

/** What the server's commands answer: a sentence, and rows where there is something to go through. */
interface Answer { said?: string; applied?: boolean; gaps?: Gap[]; uri?: string }
interface Gap { function: string; line: number; outcome: string; part?: string }
interface Measured { name: string; line: number; cognitive: number; said: string }
interface Item extends vscode.QuickPickItem { go: () => unknown }

let count = 0;

export type Deeds = Record<Row["name"], (...given: unknown[]) => Promise<unknown>>;

export function deeds(server: Server): Deeds {
  return Object.fromEntries(ROWS.map((row) => [row.name, (...given: unknown[]) => run(server, row, given)])) as Deeds;
}

async function run(server: Server, row: Row, given: unknown[]): Promise<unknown> {
  const editor = vscode.window.activeTextEditor;
  // Menus give the file; lenses and actions give what the server told them to.
  const args = typeof given[0] === "string" ? given : place(row, given[0] instanceof vscode.Uri ? given[0] : editor?.document.uri, editor);
  try {
    if (row.takes !== "nothing" && !args.length) {
      throw new Error("open a Python file first");
    }
    // What is on disk is what runs.
    await (row.runs && opened(args[0])?.save());
    const unsaved = vscode.workspace.textDocuments.filter((each) => each.isDirty);
    const answer = await ask(server, row, args);
    // The file that tests were taken into is saved, unless it had changes before that nobody saved.
    const taken = opened((answer as Answer | undefined)?.uri);
    await (taken && !unsaved.includes(taken) && taken.save());
    await show(row, args, answer);
    return answer;
  } catch (error) {
    await complain(server, row, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function opened(uri: unknown): vscode.TextDocument | undefined {
  const wanted = uri === undefined ? "" : vscode.Uri.parse(String(uri)).toString();
  return vscode.workspace.textDocuments.find((each) => each.uri.toString() === wanted);
}

function place(row: Row, uri: vscode.Uri | undefined, editor: vscode.TextEditor | undefined): unknown[] {
  if (row.takes === "nothing" || !uri) {
    return [];
  }
  const here = editor?.document.uri.toString() === uri.toString() ? [editor.selection.active.line] : [];
  return [uri.toString(), ...(row.takes === "place" ? here : [])];
}

async function ask(server: Server, row: Row, args: unknown[]): Promise<unknown> {
  const client = await server.ready();
  const command = `${SECTION}.${row.name}`;
  if (!row.long) {
    return client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args });
  }
  const options = { location: vscode.ProgressLocation.Notification, title: row.title, cancellable: true };
  const workDoneToken = `${SECTION}-${++count}`;
  const request = client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args, workDoneToken });
  void vscode.window.withProgress(options, (progress, cancelled) => new Promise<void>((end) => {
    let done = 0;
    const heard = client.onProgress(WorkDoneProgress.type, workDoneToken, (told) => {
      const reached = "percentage" in told ? (told.percentage ?? done) : done;
      progress.report({ message: told.message, increment: reached - done });
      done = reached;
      // What comes behind the work, a word of the user's, is no progress any more.
      told.kind === "end" && end();
    });
    // The work is told to stop, not the request: what is verified by then still comes.
    cancelled.onCancellationRequested(() => client.sendNotification(WorkDoneProgressCancelNotification.type, { token: workDoneToken }));
    void request.catch(() => {}).then(() => { end(); heard.dispose(); });
  }));
  return request;
}

async function show(row: Row, args: unknown[], answer: unknown): Promise<void> {
  const { said = "", applied, gaps } = (answer ?? {}) as Answer;
  if (row.name === "showMetrics") {
    const rows = [...(answer as Measured[])].sort((a, b) => b.cognitive - a.cognitive);
    await choose(row, "The most complex first", rows.map((each) => ({ label: each.name, description: each.said, go: () => reveal(args[0], each.line) })));
  } else if (gaps?.length && applied === undefined) {
    const cover = () => vscode.commands.executeCommand(`${SECTION}.coverGaps`, args[0]);
    await choose(row, said.split("\n")[0] ?? "", [{ label: "$(beaker) Generate tests for these", go: cover }, ...gaps.map((gap) => ({
      label: `${gap.function}, line ${gap.line}`, description: `never ${gap.outcome}${gap.part ? `: ${gap.part}` : ""}`,
      go: () => reveal(args[0], gap.line - 1),
    }))]);
  } else {
    const [first = "", ...rest] = said.split("\n");
    const tell = applied === false ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    void tell(first, ...(rest.length ? ["Show Report"] : [])).then(async (word) => word
      && vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: said, language: "plaintext" })));
  }
}

async function choose(row: Row, placeHolder: string, items: Item[]): Promise<void> {
  if (!items.length) {
    void vscode.window.showInformationMessage(`${row.title}: nothing here.`);
    return;
  }
  const picked = await vscode.window.showQuickPick(items, { title: row.title, placeHolder, matchOnDescription: true });
  await picked?.go();
}

async function reveal(uri: unknown, line: number): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.parse(String(uri)), { selection: new vscode.Range(line, 0, line, 0) });
}

async function complain(server: Server, row: Row, why: string): Promise<void> {
  const deeds: Record<string, () => unknown> = {
    ...(vscode.workspace.isTrusted ? {} : { "Manage Workspace Trust": () => vscode.commands.executeCommand("workbench.trust.manage") }),
    ...(server.condition === "missing" ? { "Set Up": () => vscode.commands.executeCommand(`${SECTION}.setUp`) } : {}),
    "Show Logs": () => server.log.show(),
  };
  const word = await vscode.window.showErrorMessage(`${row.title}: ${why}`, ...Object.keys(deeds));
  await deeds[word ?? ""]?.();
}
