/** The message of a commit: put into Source Control where VS Code's git has the repository, else a document. */

import * as vscode from "vscode";

export interface Message { message: string; root: string }

/** The part that we need of what VS Code's own git extension exports. */
interface Repository { inputBox: { value: string } }
interface Api { getRepository(uri: vscode.Uri): Repository | null; openRepository(root: vscode.Uri): Promise<Repository | null> }
interface Git { getAPI(version: 1): Api }

/** Write it; what somebody has typed there is replaced only if that is wanted. */
export async function write({ message, root }: Message): Promise<void> {
  const text = message.trimEnd(), box = (await repository(vscode.Uri.parse(root)))?.inputBox;
  const typed = box?.value.trim(), beside = "Open Beside It";
  const word = !box ? beside : !typed || typed === text ? "Replace"
    : await vscode.window.showWarningMessage("Source Control has a message already. Replace it?", "Replace", beside);
  if (box && word === "Replace") {
    box.value = text;
    await vscode.commands.executeCommand("workbench.view.scm");
  } else if (word) {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: `${text}\n`, language: "git-commit" }));
  }
}

async function repository(root: vscode.Uri): Promise<Repository | null | undefined> {
  try {
    const api = (await vscode.extensions.getExtension<Git>("vscode.git")?.activate())?.getAPI(1);
    return api && (api.getRepository(root) ?? await api.openRepository(root));
  } catch {
    return undefined; // It is switched off.
  }
}
