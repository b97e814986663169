/** What Tenon is doing, and the status bar item that says so. */

import * as vscode from "vscode";

export type State = "starting" | "ready" | "thinking" | "fault";

export interface Status {
  readonly state: State;
  /** What is being done, or the fault and its reason, in one line. */
  readonly message: string;
}

/** The server's own word; anything else that may have come over the wire is undefined. */
export function asStatus(value: unknown): Status | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { state, message } = value as Record<string, unknown>;
  if (typeof state !== "string" || !(state in ICONS)) return undefined;
  return { state: state as State, message: typeof message === "string" ? message : "" };
}

const ICONS: Readonly<Record<State, string>> = {
  starting: "$(loading~spin)",
  ready: "$(sparkle)",
  thinking: "$(sync~spin)",
  fault: "$(error)",
};

/** How long thinking goes unmentioned. */
const THINKING_MS = 150;

export class StatusItem implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private status: Status = { state: "starting", message: "" };
  private enabled = true;
  private pending: NodeJS.Timeout | undefined;

  constructor(command: string) {
    this.item = vscode.window.createStatusBarItem("status", vscode.StatusBarAlignment.Right, 100);
    this.item.name = "Tenon";
    this.item.command = command;
    this.draw();
    this.item.show();
  }

  show(status: Status): void {
    this.status = status;
    clearTimeout(this.pending);
    // Most answers come sooner than this: no flicker at every key.
    this.pending = setTimeout(() => this.draw(), status.state === "thinking" ? THINKING_MS : 0);
  }

  /** A fault is worth showing where completions are off, too. */
  setEnabled(enabled: boolean): void {
    this.enabled = enabled;
    this.draw();
  }

  dispose(): void {
    clearTimeout(this.pending);
    this.item.dispose();
  }

  private draw(): void {
    const { state, message } = this.status;
    const off = !this.enabled && state !== "fault";
    const said = off ? "off" : state;
    this.item.text = `${off ? "$(circle-slash)" : ICONS[state]} Tenon`;
    this.item.tooltip = message === "" ? `Tenon: ${said}` : `Tenon: ${said}\n${message}`;
    this.item.accessibilityInformation = { label: `Tenon: ${said}. ${message}`.trim() };
    this.item.backgroundColor =
      state === "fault" ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
  }
}
