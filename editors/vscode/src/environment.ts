/** The environment that the extension makes for the server once the user asked for it: with uv, or venv and pip. */

import { execFile } from "node:child_process";
import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { choose, Extra, programOf, requirement, withExtra } from "./launch";
import { managed, own, world } from "./world";

const WINDOWS = process.platform === "win32";
const PYTHONS = WINDOWS ? ["python", "py"] : ["python3.14", "python3.13", "python3.12", "python3.11", "python3"];
const NEITHER = "neither uv nor a Python 3.11 or newer with venv was found. Install one of them, then try again.";
const NEW_ENOUGH = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";

type Say = (message: string) => void;
let making: Promise<boolean> | undefined;

/** Make it, with progress; who asks again meanwhile waits for the same. Returns whether the server is there now; what
 * went wrong was shown by then. */
export function make(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<boolean> {
  making ??= alone(context, () => once(context, log)).finally(() => { making = undefined; });
  return making;
}

/** Do it unless another window does; what a window left that ended in the middle is taken over. */
async function alone(context: vscode.ExtensionContext, work: () => Promise<boolean>): Promise<boolean> {
  const lock = `${managed(context)}.lock`;
  const other = Number(await fs.readFile(lock, "utf8").catch(() => process.pid));
  if (other !== process.pid && lives(other)) {
    void vscode.window.showWarningMessage("Coding Agent: another window is setting the server up. When that is done, Set Up starts it here, too.");
    return false;
  }
  await fs.mkdir(path.dirname(lock), { recursive: true });
  await fs.writeFile(lock, `${process.pid}`);
  // It may have been set up since somebody looked.
  return Promise.resolve(choose(world(context)).found ? true : work()).finally(() => clear(lock));
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Programs that were stopped may still be writing. */
export const clear = (folder: string) => fs.rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });

const ADDED: Record<Extra, string> = { search: "search by meaning", ai: "what asks a model" };

/** Add to it, with progress. Returns whether that is there now; what went wrong was shown by then. */
export async function extend(context: vscode.ExtensionContext, log: vscode.LogOutputChannel, extra: Extra): Promise<boolean> {
  const work = (say: Say, signal: AbortSignal) => {
    const wanted = withExtra(chosen(context), extra);
    say(`installing ${safe(wanted)}`);
    return install(programOf(managed(context), WINDOWS, "python"), wanted, log, signal);
  };
  const failed = await shown(`Coding Agent: adding ${ADDED[extra]}`, work);
  failed && void vscode.window.showErrorMessage(`Coding Agent: ${failed.message}`, "Show Logs").then((word) => word && log.show());
  return failed === undefined;
}

/** Show work that can be cancelled; returns what went wrong, false where it was cancelled. */
async function shown(title: string, work: (say: Say, signal: AbortSignal) => Promise<unknown>): Promise<Error | false | undefined> {
  const stop = new AbortController();
  try {
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (progress, token) => {
      token.onCancellationRequested(() => stop.abort());
      return work((message) => progress.report({ message }), stop.signal);
    });
    return undefined;
  } catch (error) {
    return !stop.signal.aborted && (error as Error);
  }
}

async function once(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<boolean> {
  const failed = await shown("Coding Agent: setting up the server", (say, signal) => build(context, log, say, signal));
  if (failed !== undefined) {
    await clear(managed(context));
    if (!failed) {
      return false;
    }
    const [again, settings, logs] = ["Try Again", "Choose the Package", "Show Logs"] as const;
    const word = await vscode.window.showErrorMessage(`Coding Agent: ${failed.message}`, again, settings, logs);
    await (word === settings && vscode.commands.executeCommand("workbench.action.openSettings", "codingAgent.package"));
    word === logs && log.show();
    return word === again && once(context, log);
  }
  return true;
}

/** What is installed: what the user chose, or our own version. */
const chosen = (context: vscode.ExtensionContext) =>
  own<string>("package")?.replace(/^~(?=[/\\])/, os.homedir()) || requirement(context.extension.packageJSON.version);

/** Install into an environment with uv, or its own pip. */
const install = (python: string, wanted: string, log: vscode.LogOutputChannel, signal: AbortSignal) =>
  run("uv", ["pip", "install", "--python", python, wanted], log, signal)
    .catch((why) => run(python, ["-m", "pip", "install", "--disable-pip-version-check", wanted], log, signal).catch(() => { throw why; }));

async function build(context: vscode.ExtensionContext, log: vscode.LogOutputChannel, say: Say, signal: AbortSignal): Promise<void> {
  const folder = managed(context), python = programOf(folder, WINDOWS, "python"), wanted = chosen(context);
  const call = (program: string, ...args: string[]) => run(program, args, log, signal);
  await clear(folder);
  say("looking for uv, or a Python 3.11 or newer");
  try {
    await call("uv", "--version").catch(() => { throw new Error(NEITHER); });
    await call("uv", "venv", "--no-python-downloads", "--python", ">=3.11", folder);
    say(`installing ${safe(wanted)} with uv`);
    await call("uv", "pip", "install", "--python", python, wanted);
  } catch (why) {
    // Also behind a uv that failed: a company's index may be one that only pip knows.
    const work = await Promise.allSettled(PYTHONS.map((name) => call(name, "-c", NEW_ENOUGH)));
    const host = PYTHONS.find((_, index) => work[index]?.status === "fulfilled");
    if (!host) {
      throw why;
    }
    await call(host, "-m", "venv", "--clear", folder);
    say(`installing ${safe(wanted)} with pip`);
    await call(python, "-m", "pip", "install", "--disable-pip-version-check", wanted);
  }
  const { found, passed } = choose({ ...world(context), interpreter: undefined, command: [], path: [] });
  if (!found) {
    throw new Error(`${safe(wanted)} was installed, but cannot be used: ${passed.join("; ")}`);
  }
}

/** A text without passwords and tokens of addresses. */
const safe = (text: string) => text.replace(/\/\/[^@/\s]+@/g, "//***@");

/** Run a program to its end; returns true, or throws what it said last. The environment's own proxy beats
 * VS Code's; uv trusts whom the system trusts, as VS Code does. */
export async function run(program: string, args: string[], log: vscode.LogOutputChannel, signal?: AbortSignal): Promise<true> {
  const proxy = vscode.workspace.getConfiguration("http").get<string>("proxy");
  const env = { ...(proxy && { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }), UV_SYSTEM_CERTS: "1", ...process.env, PYTHONUTF8: "1" };
  log.info(safe(`running ${program} ${args.join(" ")}`));
  try {
    // Outside of the workspace: its files must not be taken for modules or configuration.
    const { stdout } = await promisify(execFile)(program, args, { env, cwd: os.homedir(), signal, maxBuffer: 1 << 26 });
    log.debug(stdout.trim());
    return true;
  } catch (error) {
    const { message, stderr = "" } = error as Error & { stderr?: string };
    log.info(safe(message));
    throw new Error(safe(`${program} ${args.slice(0, 3).join(" ")} failed: ${stderr.trim().split("\n").at(-1) || message}`));
  }
}
