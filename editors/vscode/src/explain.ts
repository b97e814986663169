/** Shows what the server says is allowed at the cursor, and why, as a Markdown preview. */

import * as vscode from "vscode";

const SCHEME = "tenon-explain";
/** The server's command. Its name is taken here: the client library registers it as its own. */
const EXPLAIN = "tenon.explain";

/** Runs one of the server's commands. */
export type Execute = (command: string, argument: unknown) => Promise<unknown>;

export class Explainer implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration: vscode.Disposable;
  private readonly execute: Execute;
  private account = "";
  private explained: vscode.TextEditor | undefined;

  constructor(execute: Execute) {
    this.execute = execute;
    this.registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(): string {
    return this.account;
  }

  /** Asks about the cursor; with `asking`, also for a text that is to be judged there. */
  async explain(asking: boolean): Promise<void> {
    const editor = vscode.window.activeTextEditor ?? this.behindThePreview();
    if (editor === undefined) {
      void vscode.window.showInformationMessage("Tenon: there is no cursor to explain.");
      return;
    }
    const { document, selection } = editor;
    const position = { line: selection.active.line, character: selection.active.character };
    const text = asking ? await this.ask() : undefined;
    if (asking && text === undefined) return;
    const argument = { textDocument: { uri: document.uri.toString() }, position, text };
    try {
      const answer = (await this.execute(EXPLAIN, argument)) as { markdown?: unknown } | null;
      if (typeof answer?.markdown !== "string") {
        void vscode.window.showInformationMessage("Tenon does not serve this file.");
        return;
      }
      this.account = answer.markdown;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      void vscode.window.showWarningMessage(`Tenon: ${reason}`);
      return;
    }
    const uri = vscode.Uri.from({ scheme: SCHEME, path: "/Tenon explains.md" });
    this.changed.fire(uri);
    this.explained = editor;
    // Asked again from the preview, it would open another one a column further.
    await vscode.window.showTextDocument(document, editor.viewColumn);
    await vscode.commands.executeCommand("markdown.showPreviewToSide", uri);
  }

  /** The editor that the preview on the screen speaks of. */
  private behindThePreview(): vscode.TextEditor | undefined {
    const { document } = this.explained ?? {};
    return vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  }

  private ask(): Thenable<string | undefined> {
    return vscode.window.showInputBox({
      title: "Tenon: Explain a Text Here",
      prompt: "The text that is to be judged at the cursor",
    });
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
