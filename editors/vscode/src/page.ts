/** Explanations as documents of their own, shown as VS Code shows Markdown. */

import * as vscode from "vscode";

export interface Page { title: string; markdown: string; picture: string }

const SCHEME = "coding-agent-page";
const MERMAID = /^```mermaid\n[^]*?^```$/m;
const LINK = /\[((?:\\.|[^\]\\])*)\]\((file:[^)\s]+)\)/g;
const texts = new Map<string, string>();
const changed = new vscode.EventEmitter<vscode.Uri>();

export const register = () => vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
  onDidChange: changed.event,
  provideTextDocumentContent: (uri) => texts.get(uri.path) ?? "",
});

/** A link as previews follow it: from the first folder of the workspace; they refuse whole addresses of files. */
function inside({ path, fragment }: vscode.Uri): string | undefined {
  const folder = `${vscode.workspace.workspaceFolders?.[0]?.uri.path}/`;
  return path.startsWith(folder) ? `/${path.slice(folder.length).split("/").map(encodeURIComponent).join("/")}#${fragment}` : undefined;
}

/** Show an explanation beside the code. */
export async function show({ title, markdown, picture }: Page): Promise<void> {
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}.md` });
  // Its preview draws no Mermaid of its own accord.
  const image = `![${title}](data:image/svg+xml;base64,${Buffer.from(picture).toString("base64")})`;
  texts.set(uri.path, (picture ? markdown.replace(MERMAID, () => image) : markdown).replace(LINK, (_whole, name: string, address: string) => {
    const below = inside(vscode.Uri.parse(address));
    return below ? `[${name}](${below})` : name;
  }));
  changed.fire(uri);
  await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
}
