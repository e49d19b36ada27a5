/** The server's commands in the palette, menus and lenses; what comes back is shown as something to go through. */

import * as vscode from "vscode";
import { ExecuteCommandRequest, WorkDoneProgress, WorkDoneProgressCancelNotification } from "vscode-languageclient/node";
import * as find from "./find";
import * as message from "./message";
import * as page from "./page";
import { Server } from "./server";
import { extra } from "./launch";
import { Row, SECTION } from "./table";

/** What the server's commands answer: a sentence, and rows where there is something to go through. */
interface Answer extends Partial<page.Page & message.Message> { said?: string; applied?: boolean; gaps?: Gap[]; uri?: string; remarks?: find.Remark[] }
interface Gap { function: string; line: number; outcome: string; part?: string }
interface Measured { name: string; line: number; cognitive: number; said: string }
interface Item extends vscode.QuickPickItem { go: () => unknown }

const TOLD = 8000; // milliseconds
let count = 0;

/** Do what a command of the server does, with what a menu, a lens or the palette gives. */
export async function run(server: Server, row: Row, given: unknown[]): Promise<unknown> {
  const token = `${SECTION}-${++count}`;
  try {
    if (row.takes === "words") {
      const [text] = given.filter((each) => typeof each === "string");
      return await find.search(row.title, (words) => ask(server, row, [words], token) as Promise<find.Found>, text);
    }
    // Lenses and actions give what the server told them to; menus give the file.
    const args = typeof given[0] === "string" ? given : await place(row, given[0] instanceof vscode.Uri ? given[0] : undefined);
    if (row.takes === "goal" && typeof args[2] !== "string") {
      const goal = await vscode.window.showInputBox({ title: row.title, prompt: "What do you want of it? For instance: without the flag, or one function for each case" });
      if (!goal?.trim()) {
        return undefined;
      }
      args.splice(1, 2, args[1] ?? null, goal);
    }
    const unsaved = vscode.workspace.textDocuments.filter((each) => each.isDirty);
    const answer = await ask(server, row, args, token);
    const { uri, applied } = (answer ?? {}) as Answer;
    // The file that tests were taken into is saved, unless it had changes before that nobody saved.
    const taken = applied ? opened(uri) : undefined;
    await (taken && !unsaved.includes(taken) && taken.save());
    void (taken && vscode.commands.executeCommand("setContext", `${SECTION}.generated`, true));
    await show(row, args, answer, token);
    return answer;
  } catch (error) {
    const why = error instanceof vscode.CancellationError ? "Stopped." : error instanceof Error ? error.message : String(error);
    page.leave(token, why);
    // Who stopped it knows.
    await (error instanceof vscode.CancellationError ? undefined : complain(server, row, why));
    return undefined;
  }
}

function opened(uri: unknown): vscode.TextDocument | undefined {
  const wanted = uri === undefined ? "" : vscode.Uri.parse(String(uri)).toString();
  return vscode.workspace.textDocuments.find((each) => each.uri.toString() === wanted);
}

/** The arguments where nothing gave them: the file that somebody looks at, or looked at, and the line of the cursor. */
async function place(row: Row, named: vscode.Uri | undefined): Promise<unknown[]> {
  if (row.takes === "nothing") {
    return [];
  }
  const editor = vscode.window.activeTextEditor;
  const python = vscode.workspace.textDocuments.find((each) => each.languageId === "python" && each.uri.scheme === "file");
  const uri = named ?? editor?.document.uri ?? python?.uri;
  if (!uri) {
    throw new Error("open a Python file first");
  }
  // What is on disk is what runs. Saving may format, so the line is taken behind it.
  await (row.runs && vscode.workspace.isTrusted && !opened(uri)?.isUntitled && opened(uri)?.save());
  const here = editor?.document.uri.toString() === uri.toString() ? [editor.selection.active.line] : [];
  return [uri.toString(), ...(row.takes === "file" ? [] : here)];
}

async function ask(server: Server, row: Row, args: unknown[], workDoneToken: string): Promise<unknown> {
  const client = await server.ready(), command = `${SECTION}.${row.name}`;
  if (!row.long) {
    return client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args });
  }
  const options = { location: vscode.ProgressLocation.Notification, title: row.title, cancellable: true };
  return new Promise((resolve, reject) => void vscode.window.withProgress(options, (progress, cancelled) => new Promise<void>((end) => {
    let done = 0;
    const heard = client.onProgress(WorkDoneProgress.type, workDoneToken, (told) => {
      const reached = "percentage" in told ? (told.percentage ?? done) : done;
      progress.report({ message: told.message, ...(reached > done && { increment: reached - done }) });
      done = reached;
      // What comes behind the work, a word of the user's, is no progress any more.
      told.kind === "end" && end();
    });
    // The work is told to stop, not the request: what is verified by then still comes.
    cancelled.onCancellationRequested(() => client.sendNotification(WorkDoneProgressCancelNotification.type, { token: workDoneToken }));
    client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args, workDoneToken })
      .then(resolve, (why) => reject(cancelled.isCancellationRequested ? new vscode.CancellationError() : why)).finally(() => { end(); heard.dispose(); });
  })));
}

async function show(row: Row, args: unknown[], answer: unknown, token: string): Promise<void> {
  const { said = "", applied, gaps, title, markdown, remarks, message: text, root = "", spent = "" } = (answer ?? {}) as Answer;
  if (row.name === "showMetrics") {
    const rows = [...(answer as Measured[])].sort((a, b) => b.cognitive - a.cognitive);
    await choose(row, "The most complex first", rows.map((each) => ({ label: each.name, description: each.said, go: () => reveal(args[0], each.line) })));
  } else if (row.name === "similarCode") {
    const { name, found } = answer as find.Found & { name: string };
    await (found.length ? find.choose(row.title, `Like ${name}`, found.map(find.alike)) : vscode.window.showInformationMessage(said));
  } else if (title !== undefined && markdown !== undefined) {
    await page.finish(token, answer as page.Page);
  } else if (remarks?.length) {
    await find.choose(row.title, `${remarks.length === 1 ? "One remark" : `${remarks.length} remarks`} ${spent}`, remarks.map(find.remark));
  } else if (text !== undefined) {
    void vscode.window.setStatusBarMessage(`Coding Agent: ${spent}`, TOLD);
    await message.write({ message: text, root });
  } else if (gaps?.length && applied === undefined) {
    const cover = () => vscode.commands.executeCommand(`${SECTION}.coverGaps`, args[0]);
    await choose(row, said.split("\n")[0] ?? "", [{ label: "$(beaker) Generate tests for these", go: cover }, ...gaps.map((gap) => ({
      label: `${gap.function}, line ${gap.line}`, description: `not tested: ${gap.outcome}${gap.part ? `: ${gap.part}` : ""}`,
      go: () => reveal(args[0], gap.line - 1),
    }))]);
  } else if (said) {
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
    ...(!why.includes("restricted") ? {} : { "Manage Workspace Trust": () => vscode.commands.executeCommand("workbench.trust.manage") }),
    ...(why.includes("ai.base-url") ? { "Open Settings": () => vscode.commands.executeCommand("workbench.action.openSettings", `${SECTION}.ai.`) } : {}),
    ...(why.includes("coding-agent ai key") ? { "Set Key": () => vscode.commands.executeCommand(`${SECTION}.setAiKey`) } : {}),
    ...(why.includes(extra("ai")) && server.found?.source === "managed" ? { Install: () => server.extend("ai") } : {}),
    ...(server.condition === "missing" ? { "Set Up": () => vscode.commands.executeCommand(`${SECTION}.setUp`) } : {}),
    "Show Logs": () => server.log.show(),
  };
  const word = await vscode.window.showErrorMessage(`${row.title}: ${why}`, ...Object.keys(deeds));
  await deeds[word ?? ""]?.();
}
