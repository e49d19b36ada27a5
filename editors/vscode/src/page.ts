/** Explanations as documents of their own, shown as VS Code shows Markdown. */

import * as vscode from "vscode";

export interface Page { title: string; markdown: string; picture: string }

const SCHEME = "coding-agent-page";
const MERMAID = /^```mermaid\n[^]*?^```$/m;
const texts = new Map<string, string>();
const changed = new vscode.EventEmitter<vscode.Uri>();

export const register = () => vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
  onDidChange: changed.event,
  provideTextDocumentContent: (uri) => texts.get(uri.path) ?? "",
});

/** Show an explanation beside the code. */
export async function show({ title, markdown, picture }: Page): Promise<void> {
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}.md` });
  // Its preview draws no Mermaid of its own accord.
  const image = `![${title}](data:image/svg+xml;base64,${Buffer.from(picture).toString("base64")})`;
  texts.set(uri.path, picture ? markdown.replace(MERMAID, () => image) : markdown);
  changed.fire(uri);
  await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
}
