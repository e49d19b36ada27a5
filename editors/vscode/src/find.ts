/** Places in the code to choose from; each is shown in its editor while somebody goes through the list. */

import * as vscode from "vscode";

interface Line { line: number; text: string }
interface Place { uri: string; path: string; range: { start: { line: number } } }
interface Answer extends Place { name: string; kind: string; signature: string; docstring: string; lines: Line[]; score: number }
/** What a model says of a line. */
export interface Remark extends Place { severity: string; message: string }
export interface Found { found: Answer[]; reading?: boolean }
interface Item extends vscode.QuickPickItem { place: Place }
type Ask = (text: string) => Promise<Found>;

const ICONS: Record<string, string> = { function: "symbol-method", method: "symbol-method", class: "symbol-class", module: "symbol-namespace" };
const GRAVE: Record<string, string> = { error: "error", warning: "warning" };
const TYPED = 120, SEEN = 60, AGAIN = 1000; // milliseconds until somebody asks, looks, asks again of an index that is being made

/** Let somebody ask, and look at the answers. */
export async function search(title: string, ask: Ask, text = ""): Promise<void> {
  const pick = picker(title, "What does the code do? For instance: where is the session cookie signed, or retry test:no");
  let asked = 0;
  const look = later(async () => {
    const number = ++asked, words = pick.value.trim();
    pick.busy = Boolean(words);
    // A filter that is only half typed is wrong for a moment.
    const answer = words ? await ask(words).catch((error) => ({ found: [], why: String(error.message ?? error) }) as Found & { why?: string }) : { found: [] };
    if (number === asked) {
      pick.busy = false;
      pick.title = "why" in answer && answer.why ? `${title}: ${answer.why}` : answer.reading ? `${title} (the index is still being made)` : title;
      pick.items = answer.found.map((place) => item(place, ""));
      answer.reading && look(AGAIN);
    }
  });
  pick.onDidChangeValue(() => look(TYPED));
  pick.value = text;
  text && look(0);
  return going(pick);
}

/** Let somebody look at places that are known. */
export function choose(title: string, placeholder: string, items: Item[]): Promise<void> {
  const pick = picker(title, placeholder);
  pick.matchOnDescription = pick.matchOnDetail = true;
  pick.items = items;
  return going(pick);
}

function picker(title: string, placeholder: string): vscode.QuickPick<Item> {
  return Object.assign(vscode.window.createQuickPick<Item>(), { title, placeholder });
}

export const alike = (place: Answer) => item(place, `, ${Math.round(100 * place.score)} % alike`);

export const remark = (place: Remark): Item =>
  ({ label: `$(${GRAVE[place.severity] ?? "info"}) ${place.path}:${place.range.start.line + 1}`, detail: place.message, place });

function item(place: Answer, more: string): Item {
  const at = place.range.start.line + 1, said = place.lines[0];
  const detail = place.docstring || (said ? `${said.line + 1}: ${said.text.trim()}` : place.signature);
  return { label: `$(${ICONS[place.kind] ?? "symbol-misc"}) ${place.name || "(module)"}`, description: `${place.path}:${at}${more}`, detail, alwaysShow: more === "", place };
}

/** Show the list until a place is chosen; where none is, the editor is again as it was. */
async function going(pick: vscode.QuickPick<Item>): Promise<void> {
  const editor = vscode.window.activeTextEditor, shown = editor?.visibleRanges[0];
  let chosen: Place | undefined, looked = false;
  const look = later(async () => {
    const place = pick.activeItems[0]?.place;
    looked ||= Boolean(place);
    await (place && reveal(place, true));
  });
  pick.onDidChangeActive(() => look(SEEN));
  pick.onDidAccept(() => { chosen = pick.selectedItems[0]?.place; pick.hide(); });
  await new Promise<void>((resolve) => { pick.onDidHide(() => resolve()); pick.show(); });
  look(undefined);
  pick.dispose();
  if (chosen) {
    await reveal(chosen, false);
  } else if (looked && editor) {
    const back = await vscode.window.showTextDocument(editor.document, { viewColumn: editor.viewColumn, selection: editor.selection });
    shown && back.revealRange(shown, vscode.TextEditorRevealType.AtTop);
  }
}

async function reveal(place: Place, only: boolean): Promise<void> {
  const at = new vscode.Range(place.range.start.line, 0, place.range.start.line, 0);
  const editor = await vscode.window.showTextDocument(vscode.Uri.parse(place.uri), { selection: at, preview: only, preserveFocus: only });
  editor.revealRange(at, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

/** Do something some milliseconds after it was last asked for; never, where none are given. */
function later(work: () => Promise<void>): (milliseconds: number | undefined) => void {
  let timer: NodeJS.Timeout | undefined;
  return (milliseconds) => {
    clearTimeout(timer);
    timer = milliseconds === undefined ? undefined : setTimeout(() => void work(), milliseconds);
  };
}
