/** Tenon in VS Code: wires the server, the status bar item and the commands together. */

import * as vscode from "vscode";
import { ChosenEnvironment } from "./environment.ts";
import { Explainer } from "./explain.ts";
import { Server } from "./server.ts";
import { type Status, StatusItem } from "./status.ts";

const RESTART = "Restart";
const OUTPUT = "Show Output";
const SETTINGS = "Open Settings";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("Tenon", { log: true });
  const item = new StatusItem("tenon.menu");
  const faults = new Faults();

  const environment = new ChosenEnvironment(() => server?.configure());

  const started = new Server(
    output,
    (status) => {
      item.show(status);
      faults.tell(status);
    },
    context.extension,
    () => environment.path,
  );
  server = started;

  const explainer = new Explainer((command, argument) => started.execute(command, argument));

  const showEnabled = () => item.setEnabled(isEnabled());
  showEnabled();

  context.subscriptions.push(
    output,
    item,
    explainer,
    environment,
    vscode.commands.registerCommand("tenon.explainPlace", () => explainer.explain(false)),
    vscode.commands.registerCommand("tenon.explainText", () => explainer.explain(true)),
    vscode.commands.registerCommand("tenon.restart", () => restart()),
    vscode.commands.registerCommand("tenon.toggle", () => toggle()),
    vscode.commands.registerCommand("tenon.showOutput", () => output.show(true)),
    vscode.commands.registerCommand("tenon.menu", () => menu()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("tenon.command")) void restart();
      else if (event.affectsConfiguration("tenon")) started.configure();
      if (event.affectsConfiguration("tenon.completion.enabled")) showEnabled();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void restart()),
  );

  // Opening a file does not wait for the server.
  void restart();

  function restart(): Promise<void> {
    faults.forget();
    return started.restart();
  }
}

export async function deactivate(): Promise<void> {
  await server?.stop();
  server = undefined;
}

function isEnabled(): boolean {
  return vscode.workspace.getConfiguration("tenon").get<boolean>("completion.enabled", true);
}

async function toggle(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration("tenon");
  // Changed where it is set, as otherwise a workspace's own value would hide the change.
  const target =
    configuration.inspect("completion.enabled")?.workspaceValue === undefined
      ? vscode.ConfigurationTarget.Global
      : vscode.ConfigurationTarget.Workspace;
  await configuration.update("completion.enabled", !isEnabled(), target);
}

async function menu(): Promise<void> {
  const toggling = isEnabled() ? "Turn Completions Off" : "Turn Completions On";
  const chosen = await vscode.window.showQuickPick([OUTPUT, RESTART, toggling, SETTINGS], {
    title: "Tenon",
  });
  if (chosen === toggling) await toggle();
  else await act(chosen);
}

async function act(chosen: string | undefined): Promise<void> {
  if (chosen === OUTPUT) await vscode.commands.executeCommand("tenon.showOutput");
  if (chosen === RESTART) await vscode.commands.executeCommand("tenon.restart");
  if (chosen === SETTINGS) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "tenon.");
  }
}

/** Says a fault in a message box, once: the status bar item keeps showing it. */
class Faults {
  private told = "";

  tell(status: Status): void {
    if (status.state !== "fault" || status.message === this.told) return;
    this.told = status.message;
    const message = `Tenon: ${status.message}`;
    void vscode.window.showErrorMessage(message, SETTINGS, OUTPUT, RESTART).then(act);
  }

  forget(): void {
    this.told = "";
  }
}
