/**
 * The environment chosen in the Python extension, where that is installed and says so.
 *
 * Owns what is known of that extension's API. It is asked once both are awake, and never waited
 * for: a server that starts earlier learns of the choice as of any other setting.
 */

import * as path from "node:path";
import * as vscode from "vscode";

const PYTHON = "ms-python.python";

/** The part of that API which is used here. */
interface PythonApi {
  readonly ready?: Promise<void>;
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

export class ChosenEnvironment implements vscode.Disposable {
  private api: PythonApi | undefined;
  private listener: vscode.Disposable | undefined;
  private readonly onChange: () => void;

  /** `onChange` is called whenever `path` may have become another one. */
  constructor(onChange: () => void) {
    this.onChange = onChange;
    void this.find();
  }

  /** Its folder, or the interpreter in it; undefined where nothing was chosen. */
  get path(): string | undefined {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const chosen = this.api?.environments.getActiveEnvironmentPath(folder).path;
    // A bare "python" is what stands there before anything was chosen.
    return chosen !== undefined && path.isAbsolute(chosen) ? chosen : undefined;
  }

  dispose(): void {
    this.listener?.dispose();
  }

  private async find(): Promise<void> {
    const extension = vscode.extensions.getExtension<PythonApi>(PYTHON);
    if (extension === undefined) return;
    try {
      const api = await extension.activate();
      await api.ready;
      this.listener = api.environments.onDidChangeActiveEnvironmentPath(this.onChange);
      this.api = api;
    } catch {
      // It has a message of its own for its author; here the server finds an environment itself.
      return;
    }
    this.onChange();
  }
}
