/** The one server of a window: found, started, restarted, watched. */

import * as readline from "node:readline";
import * as vscode from "vscode";
import { LanguageClient, State } from "vscode-languageclient/node";
import { choose, Found, WHERE } from "./launch";
import { reviews } from "./review";
import { SECTION } from "./table";
import { disk, settings, world } from "./world";

export type Condition = "starting" | "running" | "missing" | "failed" | "stopped";

export class Server {
  readonly log = vscode.window.createOutputChannel("Coding Agent", { log: true });
  private readonly trace = vscode.window.createOutputChannel("Coding Agent Trace", { log: true });
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onChange = this.changes.event;
  condition: Condition = "stopped";
  /** Why it is in this condition, in words. */
  reason = "";
  found: Found | undefined;
  client: LanguageClient | undefined;
  private turn: Promise<void> = Promise.resolve();
  private waiting = false;

  constructor(private readonly context: vscode.ExtensionContext) {
    context.subscriptions.push(this.log, this.trace, this.changes);
  }

  /** Start, or start again. While one restart runs, at most one more waits. */
  restart(): Promise<void> {
    if (!this.waiting) {
      this.waiting = true;
      this.turn = this.turn.then(() => { this.waiting = false; return this.again(); });
    }
    return this.turn;
  }

  /** The client of a server that runs, started where none does. */
  async ready(): Promise<LanguageClient> {
    await (this.condition === "running" ? undefined : this.condition === "starting" ? this.turn : this.restart());
    if (!this.client || this.condition !== "running") {
      throw new Error(this.reason || "the server does not run");
    }
    return this.client;
  }

  /** Start again only where that would start something else: interpreters change more often than servers. */
  async reconsider(): Promise<void> {
    const { found } = choose(world(this.context), disk);
    await (JSON.stringify(found) === JSON.stringify(this.found) ? this.configure() : this.restart());
  }

  /** Say that settings changed; the server asks for them. */
  async configure(): Promise<void> {
    await this.client?.sendNotification("workspace/didChangeConfiguration", { settings: null });
  }

  async trusted(): Promise<void> {
    await this.client?.sendNotification(`${SECTION}/workspaceTrust`, { state: trust() });
    await this.reconsider();
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose().catch((error) => this.log.warn(`the server did not stop in time: ${error}`));
    this.become("stopped");
  }

  private async again(): Promise<void> {
    await this.stop();
    const { found, passed, broken } = choose(world(this.context), disk);
    this.found = found;
    passed.forEach((why) => this.log.info(`not taken: ${why}`));
    if (!found) {
      this.become(broken ? "failed" : "missing", passed.join("; "));
      return;
    }
    this.log.info(`starting ${found.program} ${found.args.join(" ")} (from ${WHERE[found.source]}, ${found.version ?? "unknown version"})`);
    this.become("starting");
    this.client = this.made(found);
    const begun = performance.now();
    try {
      await this.client.start();
      this.log.info(`running after ${Math.round(performance.now() - begun)} ms`);
    } catch (error) {
      this.become("failed", `${found.program} did not start: ${error instanceof Error ? error.message : error}`);
    }
  }

  private made(found: Found): LanguageClient {
    const client = new LanguageClient(SECTION, "Coding Agent", { command: found.program, args: found.args }, {
      documentSelector: ["file", "untitled"].map((scheme) => ({ scheme, language: "python" })),
      outputChannel: this.log,
      traceOutputChannel: this.trace,
      stdioOptions: {
        stdout: () => {},
        stderr: (input) => readline.createInterface({ input }).on("line", (line) => this.hear(line)),
      },
      initializationOptions: () => ({ [SECTION]: settings(this.context), workspaceTrust: trust() }),
      initializationFailedHandler: (error) => { this.log.error(`the server refused to start: ${error.message}`); return false; },
      middleware: {
        workspace: {
          configuration: ({ items }, _token, next) => items.every((item) => item.section === SECTION)
            ? items.map((item) => settings(this.context, item.scopeUri ? vscode.Uri.parse(item.scopeUri) : undefined))
            : next({ items }, _token),
          // It would send every default as if it were set; `configure` has the server ask instead.
          didChangeConfiguration: async () => {},
        },
      },
    });
    client.registerFeature({
      fillClientCapabilities: (all) => { all.experimental = { ...all.experimental, [SECTION]: ["commands", "results", "review"] }; },
      initialize: () => {}, getState: () => ({ kind: "static" }), clear: () => {},
    });
    client.onRequest(`${SECTION}/review`, reviews.show);
    client.onDidChangeState(({ newState }) => {
      const condition = { [State.Running]: "running" as const, [State.Stopped]: "stopped" as const }[newState as number] ?? "starting";
      client === this.client && this.become(condition, condition === "stopped" ? "it ended; Restart Server starts it again" : "");
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
    void vscode.commands.executeCommand("setContext", `${SECTION}.running`, condition === "running");
    this.changes.fire();
  }
}

/** VS Code's own word; where its question is switched off, nobody was asked and the server asks. */
function trust(): "granted" | "restricted" | "ask" {
  const asks = vscode.workspace.getConfiguration("security.workspace.trust").get<boolean>("enabled", true);
  return !vscode.workspace.isTrusted ? "restricted" : asks ? "granted" : "ask";
}
