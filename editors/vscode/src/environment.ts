/** The environment that the extension makes for the server, after the user asked for it: with uv, or venv and pip. */

import { spawn } from "node:child_process";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as vscode from "vscode";
import { choose, programOf, requirement } from "./launch";
import { disk, managed, own, world } from "./world";

const PYTHONS = process.platform === "win32" ? ["python", "py"] : ["python3.14", "python3.13", "python3.12", "python3.11", "python3"];
const NEW_ENOUGH = "import sys, venv; sys.exit(sys.version_info < (3, 11))";

class Failed extends Error {}

/** Make it, with progress. Returns whether the server is there now; what went wrong was shown by then. */
export async function make(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<boolean> {
  const { window, ProgressLocation } = vscode;
  const title = "Coding Agent: setting up the server";
  try {
    await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (progress, token) =>
      build(context, log, (message) => progress.report({ message }), token));
    return true;
  } catch (error) {
    await fs.rm(managed(context), { recursive: true, force: true });
    if (error instanceof vscode.CancellationError) {
      return false;
    }
    const again = "Try Again", wheel = "Install from a File...", logs = "Show Logs";
    const message = error instanceof Failed ? error.message : String(error);
    const answer = await window.showErrorMessage(`Coding Agent: ${message}`, again, wheel, logs);
    if (answer === logs) {
      log.show();
    }
    return answer === again ? make(context, log) : answer === wheel ? fromFile(context, log) : false;
  }
}

async function fromFile(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<boolean> {
  const filters = { "Python packages": ["whl"] };
  const [picked] = (await vscode.window.showOpenDialog({ title: "A wheel of coding-agent-lsp", filters })) ?? [];
  if (!picked) {
    return false;
  }
  await vscode.workspace.getConfiguration("codingAgent").update("package", picked.fsPath, vscode.ConfigurationTarget.Global);
  return make(context, log);
}

async function build(
  context: vscode.ExtensionContext, log: vscode.LogOutputChannel, say: (message: string) => void, token: vscode.CancellationToken,
): Promise<void> {
  const folder = managed(context), version: string = context.extension.packageJSON.version;
  const wanted = own<string>("package") || requirement(version);
  const windows = process.platform === "win32";
  const python = programOf(folder, windows, "python");
  const call = (program: string, ...args: string[]) => run(program, args, log, token);
  await fs.mkdir(context.globalStorageUri.fsPath, { recursive: true });
  await fs.rm(folder, { recursive: true, force: true });
  if (await works(() => call("uv", "--version"))) {
    say("making an environment with uv");
    await call("uv", "venv", "--no-python-downloads", "--python", ">=3.11", folder);
    say(`installing ${wanted}`);
    await call("uv", "pip", "install", "--python", python, wanted);
  } else {
    say("looking for a Python");
    const host = await newest((name) => call(name, "-c", NEW_ENOUGH));
    if (!host) {
      throw new Failed("no Python 3.11 or newer with venv was found. Install one (or uv), then try again.");
    }
    say(`making an environment with ${host}`);
    await call(host, "-m", "venv", folder);
    say(`installing ${wanted}`);
    await call(python, "-m", "pip", "install", "--disable-pip-version-check", wanted);
  }
  const alone = { ...world(context, undefined), command: [], path: [] };
  const { found, passed } = choose(alone, disk);
  if (!found) {
    throw new Failed(`${wanted} was installed, but cannot be used: ${passed.join("; ")}`);
  }
}

async function newest(works_: (name: string) => Promise<string>): Promise<string | undefined> {
  for (const name of PYTHONS) {
    if (await works(() => works_(name))) {
      return name;
    }
  }
  return undefined;
}

async function works(what: () => Promise<unknown>): Promise<boolean> {
  try {
    await what();
    return true;
  } catch (error) {
    if (error instanceof vscode.CancellationError) {
      throw error;
    }
    return false;
  }
}

/** Run a program to its end and return what it wrote. VS Code's proxy is passed on where the environment has none. */
export function run(program: string, args: string[], log: vscode.LogOutputChannel, token?: vscode.CancellationToken): Promise<string> {
  const proxy = vscode.workspace.getConfiguration("http").get<string>("proxy");
  const env = { ...(proxy ? { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } : {}), ...process.env, PYTHONUTF8: "1" };
  log.info(`running ${program} ${args.join(" ")}`);
  return new Promise((resolve, reject) => {
    // Outside of the workspace: its files must not be taken for modules or configuration.
    const child = spawn(program, args, { env, cwd: os.homedir(), windowsHide: true });
    let said = "";
    const hear = (chunk: Buffer) => { said += chunk.toString(); log.debug(chunk.toString().trimEnd()); };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    token?.onCancellationRequested(() => child.kill());
    child.on("error", (error) => reject(new Failed(`${program} cannot be run: ${error.message}`)));
    child.on("close", (code) => {
      if (token?.isCancellationRequested) {
        reject(new vscode.CancellationError());
      } else if (code === 0) {
        resolve(said);
      } else {
        log.error(said.trim());
        const last = said.trim().split("\n").filter((line) => line.trim()).at(-1);
        reject(new Failed(`${program} ${args[0] === "-m" ? args[1] : args[0]} failed: ${last ?? `it ended with ${code}`}`));
      }
    });
  });
}
