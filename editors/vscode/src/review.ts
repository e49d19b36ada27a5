/** Generated tests before they are taken: what the file is beside what it would become, and the user's word. */

import * as vscode from "vscode";
import { SECTION } from "./table";

export interface Asked { uri: string; before: string | null; after: string; line: number; label: string }

const SCHEME = "coding-agent-tests";

class Reviews implements vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private decide: ((accepted: boolean) => void) | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private count = 0;

  readonly show = (asked: Asked): Promise<{ accepted: boolean }> => {
    const answer = this.turn.then(async () => ({ accepted: await this.one(asked) }));
    this.turn = answer.catch(() => {});
    return answer;
  };

  readonly answer = (accepted: boolean) => this.decide?.(accepted);

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.query) ?? "";
  }

  private async one({ uri, before, after, line, label }: Asked): Promise<boolean> {
    const { commands, window } = vscode;
    const file = vscode.Uri.parse(uri), query = `${++this.count}`;
    this.texts.set(query, after);
    const side = (key: string) => vscode.Uri.from({ scheme: SCHEME, path: file.path, query: key });
    const [left, right] = [before === null ? side("") : file, side(query)];
    const at = new vscode.Range(line, 0, line, 0);
    const title = `${vscode.workspace.asRelativePath(file)}: ${label}`;
    const decided = new Promise<boolean>((resolve) => { this.decide = resolve; });
    // Who closes the diff has decided, too.
    const closed = window.tabGroups.onDidChangeTabs((event) => event.closed.some((tab) => isOf(tab, right)) && this.answer(false));
    await commands.executeCommand("setContext", `${SECTION}.reviewing`, true);
    try {
      await commands.executeCommand("vscode.diff", left, right, title, { preview: false, selection: at });
      void window.showInformationMessage(`Take these tests into ${vscode.workspace.asRelativePath(file)}? ${label}.`, "Accept", "Discard")
        .then((word) => word && this.decide && this.answer(word === "Accept"));
      return await decided;
    } finally {
      this.decide = undefined;
      closed.dispose();
      await commands.executeCommand("setContext", `${SECTION}.reviewing`, false);
      await window.tabGroups.close(window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => isOf(tab, right)));
      this.texts.delete(query);
    }
  }
}

function isOf(tab: vscode.Tab, right: vscode.Uri): boolean {
  return tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.toString() === right.toString();
}

export const reviews = new Reviews();
export const register = () => vscode.workspace.registerTextDocumentContentProvider(SCHEME, reviews);
