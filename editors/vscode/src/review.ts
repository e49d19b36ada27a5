/** What was generated before it is taken: what the file is beside what it would become, and the user's word. */

import * as vscode from "vscode";

export interface Asked { uri: string; before: string | null; after: string; line: number; label: string }

const SCHEME = "coding-agent-tests";

class Reviews implements vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();
  private decide = (_accepted: boolean) => {};
  private count = 0;

  readonly answer = (accepted: boolean) => this.decide(accepted);
  provideTextDocumentContent = (uri: vscode.Uri) => this.texts.get(uri.query) ?? "";

  /** Show both texts and wait for the user's word. Another review before that is a no. */
  readonly show = async ({ uri, before, after, line, label }: Asked): Promise<{ accepted: boolean }> => {
    const { window } = vscode;
    this.answer(false);
    const file = vscode.Uri.parse(uri), query = `${++this.count}`, name = vscode.workspace.asRelativePath(file);
    this.texts.set(query, after);
    const side = (key: string) => vscode.Uri.from({ scheme: SCHEME, path: file.path, query: key });
    const [left, right] = [before === null ? side("") : file, side(query)];
    const tabs = () => window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => isOf(tab, right));
    let decide = (_accepted: boolean) => {};
    const word = new Promise<boolean>((resolve) => { decide = this.decide = resolve; });
    // Who closes the diff has decided, too; who moves it to another place closes it for a moment.
    const closed = window.tabGroups.onDidChangeTabs((event) =>
      event.closed.some((tab) => isOf(tab, right)) && setTimeout(() => tabs().length || decide(false), 200));
    try {
      const at = new vscode.Range(line, 0, line, 0);
      await vscode.commands.executeCommand("vscode.diff", left, right, `${name}: ${label}`, { preview: false, selection: at });
      void window.showInformationMessage(`Take this into ${name}? ${label}.`, "Accept", "Discard")
        .then((said) => said && decide(said === "Accept"));
      return { accepted: await word };
    } finally {
      // Whoever decided above the diff is asked no more.
      void vscode.commands.executeCommand("notifications.hideToasts");
      closed.dispose();
      this.texts.delete(query);
      await window.tabGroups.close(tabs());
    }
  };
}

function isOf(tab: vscode.Tab, right: vscode.Uri): boolean {
  return tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.toString() === right.toString();
}

export const reviews = new Reviews();
export const register = () => vscode.workspace.registerTextDocumentContentProvider(SCHEME, reviews);
