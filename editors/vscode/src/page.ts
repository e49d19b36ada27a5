/** Explanations as documents of their own, shown as VS Code shows Markdown, also while they are written. */

import * as vscode from "vscode";

/** ``spent`` is what a model's answer took. */
export interface Page { title: string; markdown: string; picture?: string; spent?: string }
/** What there is of a document that is still written, by the work with this token. */
export interface Told extends Page { token: string }

const SCHEME = "coding-agent-page";
const MERMAID = /^```mermaid\n[^]*?^```$/m;
const LINK = /\[((?:\\.|[^\]\\])*)\]\((file:[^)\s]+)\)/g;
const texts = new Map<string, string>();
/** What is written, by token; at first it says no more than who is waited for. */
const written = new Map<string, { page: Page; waiting: boolean }>();
/** Words that are no Markdown, as an endpoint's error may be: a picture in it would be fetched. */
const plain = (text: string) => text.replace(/[\\`*_{}[\]<>()#+\-.!|~&:]/g, "\\$&");
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

function write({ title, markdown, picture, spent }: Page): vscode.Uri {
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}.md` });
  // Its preview draws no Mermaid of its own accord.
  const image = `![${title}](data:image/svg+xml;base64,${Buffer.from(picture ?? "").toString("base64")})`;
  const text = (picture ? markdown.replace(MERMAID, () => image) : markdown).replace(LINK, (_whole, name: string, address: string) => {
    const below = inside(vscode.Uri.parse(address));
    return below ? `[${name}](${below})` : name;
  });
  texts.set(uri.path, spent ? `${text.trimEnd()}\n\n---\n\n${plain(spent)}\n` : text);
  changed.fire(uri);
  return uri;
}

/** Show a document beside the code. */
export async function show(page: Page): Promise<void> {
  await vscode.commands.executeCommand("markdown.showPreviewToSide", write(page));
}

/** Show more of a document: opened once, so that who closes it has closed it. */
export async function told(page: Told): Promise<void> {
  const begun = written.has(page.token);
  written.set(page.token, { page, waiting: !begun });
  await (begun ? write(page) : show(page));
}

/** Show the whole of a document, which may have been shown in part. */
export async function finish(token: string, page: Page): Promise<void> {
  await (written.delete(token) ? write(page) : show(page));
}

/** There will be no more of a document, and why; nothing where none was begun. */
export function leave(token: string, why: string): void {
  const { page, waiting } = written.get(token) ?? {};
  page && write({ ...page, markdown: waiting ? (page.markdown.split("\n")[0] ?? "") : page.markdown, spent: why });
  written.delete(token);
}
