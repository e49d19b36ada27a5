/** Coding Agent in VS Code. Activation names the commands and returns; what they need is loaded behind it. */

import * as vscode from "vscode";
import type { begin } from "./main";
import { OWN, ROWS, SECTION } from "./table";

let begun: ReturnType<typeof begin> | undefined;

export function activate(context: vscode.ExtensionContext): void {
  // The protocol's library takes longer to load than everything else here: a bundle of its own.
  const loaded = () => (begun ??= (require("./main.js") as typeof import("./main")).begin(context));
  for (const name of [...OWN, ...ROWS.map((row) => row.name)]) {
    const deed = (...given: unknown[]) => loaded().deeds[name](...given);
    context.subscriptions.push(vscode.commands.registerCommand(`${SECTION}.${name}`, deed));
  }
  setImmediate(loaded);
}

export const deactivate = () => begun?.stop();
