/**
 * The server and the connection to it: started, watched, restarted where it died, stopped.
 *
 * Every process has a client of its own. Nothing here opens a message box: what happens goes
 * to the status and the output channel, and the extension decides what is worth a word.
 */

import * as os from "node:os";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
} from "vscode-languageclient/node";
import { findCommand } from "./command.ts";
import { ServerProcess } from "./process.ts";
import { type Status, asStatus } from "./status.ts";

/** A server that dies this often within this time is left alone. */
const DEATHS = 3;
const DEATHS_WITHIN_MS = 3 * 60 * 1000;

/** Time, level, and the rest. */
const LOG_LINE = /^[-\d]+ [:,.\d]+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)$/;

/** How long after a failed first exchange the process may turn out to be gone. */
const GONE_MS = 1000;

/** The library's client, less its message boxes. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

interface Running {
  readonly client: LanguageClient;
  readonly process: ServerProcess;
  /** Set before it is told to stop, so that its end is no death. */
  stopping: boolean;
}

/** Where an answer can be had by now that could not be had in time. */
interface Ready {
  readonly textDocument: { readonly uri: string; readonly version: number };
  readonly position: { readonly line: number; readonly character: number };
}

/** What is known of the settings here; the rest is the server's affair. */
interface Settings {
  readonly [section: string]: unknown;
  readonly python?: { readonly environment?: string | null };
}

export class Server {
  private running: Running | undefined;
  private deaths: number[] = [];
  /** Starts and stops happen one after another, in the order they were asked for. */
  private last: Promise<void> = Promise.resolve();

  private readonly output: vscode.LogOutputChannel;
  private readonly onStatus: (status: Status) => void;
  private readonly home: string;
  private readonly languages: readonly string[];
  private readonly environment: () => string | undefined;

  /**
   * `extension` is the one this belongs to: its folder is the server's working folder.
   * `environment` is the Python environment to use where the settings name none.
   */
  constructor(
    output: vscode.LogOutputChannel,
    onStatus: (status: Status) => void,
    extension: vscode.Extension<unknown>,
    environment: () => string | undefined,
  ) {
    this.output = output;
    this.onStatus = onStatus;
    this.home = extension.extensionPath;
    this.languages = languagesOf(extension);
    this.environment = environment;
  }

  /** Stop what runs and start anew, with past deaths forgotten. */
  restart(): Promise<void> {
    this.deaths = [];
    return this.enqueue(async () => {
      await this.stopNow();
      await this.startNow();
    });
  }

  stop(): Promise<void> {
    return this.enqueue(() => this.stopNow());
  }

  /** Tell the server its settings anew. One that is starting is told them as it starts. */
  configure(): void {
    const client = this.running?.client;
    if (client?.isRunning() !== true) return;
    const settings = { tenon: this.settings() };
    void client
      .sendNotification("workspace/didChangeConfiguration", { settings })
      .catch((error: unknown) => this.output.warn(String(error)));
  }

  /** Has the server run one of its commands. */
  async execute(command: string, argument: unknown): Promise<unknown> {
    if (this.running === undefined) throw new Error("the server is not running");
    const { client } = this.running;
    return client.sendRequest("workspace/executeCommand", { command, arguments: [argument] });
  }

  private enqueue(action: () => Promise<void>): Promise<void> {
    const guarded = async () => {
      try {
        await action();
      } catch (error) {
        this.fault(error instanceof Error ? error.message : String(error));
      }
    };
    this.last = this.last.then(guarded);
    return this.last;
  }

  private async startNow(): Promise<void> {
    this.onStatus({ state: "starting", message: "Starting the server." });
    const command = findCommand({
      command: vscode.workspace.getConfiguration("tenon").get<string[]>("command") ?? [],
      folders: (vscode.workspace.workspaceFolders ?? [])
        .filter((folder) => folder.uri.scheme === "file")
        .map((folder) => folder.uri.fsPath),
      trusted: vscode.workspace.isTrusted,
      home: os.homedir(),
      path: process.env["PATH"] ?? "",
    });
    this.output.info(`Starting ${[command.program, ...command.args].join(" ")}`);
    const started = await ServerProcess.start(command, this.home, (line) => this.log(line));
    const client = new QuietClient("tenon", "Tenon", async () => started.child, this.options());
    const running: Running = { client, process: started, stopping: false };
    this.running = running;
    let answered = false;
    void started.gone.then((reason) => {
      if (!running.stopping) this.died(running, reason, answered);
    });
    client.onNotification("tenon/status", (value: unknown) => {
      const status = asStatus(value);
      if (status !== undefined && this.running === running && !running.stopping) {
        if (status.state === "fault") this.output.error(status.message);
        this.onStatus(status);
      }
    });
    client.onNotification("tenon/ready", (value: unknown) => {
      if (this.running === running && isHere(value)) {
        // As a key does: what typing has asked for, VS Code does not ask for twice.
        void vscode.commands.executeCommand("editor.action.inlineSuggest.trigger");
      }
    });
    client.onNotification("tenon/chunk", (value: unknown) =>
      this.output.debug(JSON.stringify(value)),
    );
    // Not waited for: a server that never answers can still be restarted.
    void client.start().then(
      () => {
        answered = true;
        // What changed while it started.
        this.configure();
      },
      async (error: unknown) => {
        // A pipe breaks before its process is known to be gone, and `died` has the reason then.
        if ((await started.goneWithin(GONE_MS)) || running.stopping) return;
        running.stopping = true;
        this.running = undefined;
        const message = error instanceof Error ? error.message : String(error);
        this.fault(`The server could not be set up: ${message}`);
        await started.end();
      },
    );
  }

  private async stopNow(): Promise<void> {
    const running = this.running;
    if (running === undefined) return;
    this.running = undefined;
    running.stopping = true;
    if (running.client.isRunning()) {
      await running.client.stop().catch((error: unknown) => this.output.warn(String(error)));
    }
    await running.process.end();
  }

  private died(running: Running, reason: string, answered: boolean): void {
    if (this.running !== running) return;
    this.running = undefined;
    const now = Date.now();
    this.deaths = [...this.deaths.filter((death) => now - death < DEATHS_WITHIN_MS), now];
    if (!answered) {
      // What cannot even say hello will not do so a second time.
      this.fault(`The server did not start. ${reason}`);
    } else if (this.deaths.length >= DEATHS) {
      this.fault(`The server died ${DEATHS} times in a few minutes. ${reason}`);
    } else {
      this.output.error(`${reason} Starting it again.`);
      void this.enqueue(() => this.startNow());
    }
  }

  /** A line of the server's log, with the channel's time and level instead of its own. */
  private log(line: string): void {
    const [, level, text] = line.match(LOG_LINE) ?? [];
    if (level === "ERROR" || level === "CRITICAL") this.output.error(text ?? line);
    else if (level === "WARNING") this.output.warn(text ?? line);
    // How much is said is the server's setting: what it says is shown, "debug" too.
    else this.output.info(text ?? line);
  }

  private fault(message: string): void {
    this.output.error(message);
    this.onStatus({ state: "fault", message });
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: this.languages.flatMap((language) => [
        { language, scheme: "file" },
        { language, scheme: "untitled" },
      ]),
      outputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: () => ({ ...this.settings(), status: true }),
      initializationFailedHandler: () => false,
      // The process is watched, not the connection: `died` has the reason and the policy.
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => ({
          action: CloseAction.DoNotRestart,
          handled: true,
          message: "The connection is closed.",
        }),
      },
      // The lines are read by ServerProcess.
      stdioOptions: { stdout: () => undefined, stderr: () => undefined },
    };
  }

  /** The settings in the server's own shape: sections within sections. */
  private settings(): Settings {
    const settings: Settings = JSON.parse(
      JSON.stringify(vscode.workspace.getConfiguration("tenon")),
    );
    const environment = settings.python?.environment ?? this.environment() ?? null;
    return { ...settings, python: { ...settings.python, environment } };
  }
}

/** Whether the author still is where an answer had not been ready in time. */
function isHere(value: unknown): boolean {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || typeof value !== "object" || value === null) return false;
  const { textDocument, position } = value as Partial<Ready>;
  return (
    textDocument?.uri === editor.document.uri.toString() &&
    textDocument.version === editor.document.version &&
    editor.selection.isEmpty &&
    position?.line === editor.selection.active.line &&
    position.character === editor.selection.active.character
  );
}

/** What opens the extension is what it completes: package.json has the one list of languages. */
function languagesOf(extension: vscode.Extension<unknown>): string[] {
  const events: string[] = extension.packageJSON.activationEvents;
  return events.flatMap((event) => event.match(/^onLanguage:(.+)$/)?.[1] ?? []);
}
