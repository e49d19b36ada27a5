/** The one server of a window: found, started, restarted, watched. */

import * as os from "node:os";
import * as readline from "node:readline";
import * as vscode from "vscode";
import { CloseAction, ErrorAction, LanguageClient, State } from "vscode-languageclient/node";
import { choose, Extra, Found, WHERE } from "./launch";
import * as environment from "./environment";
import { told } from "./page";
import { reviews } from "./review";
import { discreet } from "./secret";
import { SECTION } from "./table";
import { settings, trust, world } from "./world";

export type Condition = "starting" | "running" | "missing" | "failed" | "stopped";
const CONDITIONS: { [state: number]: Condition } = { [State.Starting]: "starting", [State.Running]: "running", [State.StartFailed]: "failed" };
/** Milliseconds in which a server answers for the first time. */
const PATIENCE = 60_000;

/** What goes wrong is said by us, once, and stands in the log. */
class Client extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** Our hover may run one command, which shows what it does; nothing of the user's text is a link in it. */
function trusted<T extends vscode.Hover | null | undefined>(hover: T): T {
  for (const each of hover?.contents ?? []) {
    each instanceof vscode.MarkdownString && (each.isTrusted = { enabledCommands: [`${SECTION}.aiExplain`] });
  }
  return hover;
}

export class Server {
  readonly log = vscode.window.createOutputChannel("Coding Agent", { log: true });
  private readonly trace = vscode.window.createOutputChannel("Coding Agent Trace", { log: true });
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onChange = this.changes.event;
  condition: Condition = "stopped";
  /** Why it is in this condition, in words. */
  reason = "";
  /** What models took today, in words, once one was asked. */
  spent = "";
  found: Found | undefined;
  client: LanguageClient | undefined;
  private turn: Promise<void> = Promise.resolve();
  private waiting = false;
  private abandon = (_why: Error) => {};

  constructor(private readonly context: vscode.ExtensionContext) {
    context.subscriptions.push(this.log, this.trace, this.changes);
  }

  /** Start, or start again. While one restart runs, at most one more waits; a server that never answers is given up.
   * Who asked hears of it when the last one is done: what became of one that was given up is nobody's news. */
  async restart(): Promise<void> {
    this.abandon(new Error("it was started anew"));
    if (!this.waiting) {
      this.waiting = true;
      this.turn = this.turn.then(() => { this.waiting = false; return this.again(); });
    }
    for (let turn: Promise<void> | undefined; turn !== this.turn;) {
      await (turn = this.turn);
    }
  }

  /** The client of a server that runs, started where none does. */
  async ready(): Promise<LanguageClient> {
    await (["running", "starting"].includes(this.condition) ? this.turn : this.restart());
    // After a crash the client starts it by itself, and `start` waits for that.
    await (this.client?.state === State.Starting && this.client.start());
    if (!this.client || this.condition !== "running") {
      throw new Error(this.reason || "the server does not run");
    }
    return this.client;
  }

  /** Start again only where that would end otherwise: interpreters change more often than servers. */
  async reconsider(): Promise<void> {
    const { found, passed } = choose(world(this.context));
    const same = JSON.stringify(found) === JSON.stringify(this.found) && (found !== undefined || passed.join("; ") === this.reason);
    await (same ? this.configure() : this.restart());
  }

  /** Say that settings changed; the server asks for them. */
  configure = () => this.tell("workspace/didChangeConfiguration", { settings: null });

  async trusted(): Promise<void> {
    await this.tell(`${SECTION}/workspaceTrust`, { state: trust() });
    await this.reconsider();
  }

  /** What starts later hears it as it starts. */
  async tell(method: string, params: unknown): Promise<void> {
    await (this.condition === "running" && this.client?.sendNotification(method, params));
  }

  /** Add to the environment that we made, and start what is there then. */
  async extend(extra: Extra): Promise<void> {
    await environment.extend(this.context, this.log, extra) && await this.restart();
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.state === State.Starting) {
      await this.within(client.start(), 5000).catch(() => {});
    }
    await client?.dispose().catch((error) => this.log.warn(`the server did not stop in time: ${error}`));
    this.become("stopped");
  }

  private async again(): Promise<void> {
    try {
      await this.stop();
      const { found, passed } = choose(world(this.context));
      this.found = found;
      passed.forEach((why) => this.log.info(`not taken: ${why}`));
      if (!found) {
        this.become(world(this.context).command.length ? "failed" : "missing", passed.join("; "));
        return;
      }
      this.log.info(`starting ${found.program} ${found.args.join(" ")} (from ${WHERE[found.source]}, ${found.version ?? "unknown version"})`);
      this.become("starting");
      const begun = performance.now();
      this.client = this.made(found);
      await this.within(this.client.start(), PATIENCE);
      this.log.info(`running after ${Math.round(performance.now() - begun)} ms`);
    } catch (error) {
      this.waiting || this.become("failed", `${this.found?.program} did not start: ${error instanceof Error ? error.message : error}`);
    }
  }

  private within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
    const late = new Promise<never>((_, reject) => {
      this.abandon = reject;
      setTimeout(() => reject(new Error(`it did not answer within ${milliseconds / 1000} s`)), milliseconds).unref();
    });
    return Promise.race([work, late]);
  }

  private made(found: Found): LanguageClient {
    let ran = false;
    // Not in the workspace's folder, and not with a path that has it: its files must not be taken for modules.
    const options = { cwd: os.homedir(), env: { ...process.env, PYTHONSAFEPATH: "1" } };
    const client: LanguageClient = new Client(SECTION, "Coding Agent", { command: found.program, args: found.args, options }, {
      documentSelector: ["file", "untitled"].map((scheme) => ({ scheme, language: "python" })),
      outputChannel: discreet(this.log),
      traceOutputChannel: discreet(this.trace),
      stdioOptions: {
        stdout: () => {},
        stderr: (input) => readline.createInterface({ input }).on("line", (line) => this.hear(line)),
      },
      initializationOptions: () => ({ [SECTION]: settings(this.context), workspaceTrust: trust() }),
      initializationFailedHandler: () => false, // `again` says it.
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        // One that ran comes back, up to four times in three minutes; one that cannot even start does not.
        closed: () => ran && client === this.client ? usual.closed() : { action: CloseAction.DoNotRestart, handled: true },
      },
      middleware: {
        provideHover: async (document, position, token, next) => trusted(await next(document, position, token)),
        workspace: {
          configuration: ({ items }, token, next) => items.every((item) => item.section === SECTION)
            ? items.map((item) => settings(this.context, item.scopeUri ? vscode.Uri.parse(item.scopeUri) : undefined))
            : next({ items }, token),
          // It would send every default as if it were set; `configure` has the server ask instead.
          didChangeConfiguration: async () => {},
        },
      },
    });
    const usual = client.createDefaultErrorHandler();
    client.registerFeature({
      fillClientCapabilities: (all) => { all.experimental = { ...all.experimental, [SECTION]: ["commands", "results", "review", "told", "spent", "links"] }; },
      initialize: () => {}, getState: () => ({ kind: "static" }), clear: () => {},
    });
    client.onRequest(`${SECTION}/review`, reviews.show);
    client.onNotification(`${SECTION}/told`, told);
    client.onNotification(`${SECTION}/spent`, ({ said }: { said: string }) => { this.spent = said; this.changes.fire(); });
    client.onDidChangeState(({ newState }) => {
      ran ||= newState === State.Running;
      const condition = CONDITIONS[newState] ?? "stopped";
      client === this.client && this.become(condition, condition === "stopped" ? "it ended; Restart Server starts it again" : this.reason);
    });
    return client;
  }

  /** A line of the server's log says how grave it is. */
  private hear(line: string): void {
    const level = /^level=(\w+) /.exec(line)?.[1];
    const tell = { debug: this.log.debug, info: this.log.info, warning: this.log.warn }[level ?? ""] ?? this.log.error;
    tell.call(this.log, line);
  }

  private become(condition: Condition, reason = ""): void {
    [this.condition, this.reason] = [condition, reason];
    condition === "running" || reviews.answer(false);
    void vscode.commands.executeCommand("setContext", `${SECTION}.running`, condition === "running");
    this.changes.fire();
  }
}
