/**
 * One server process from its start to its end. Knows pipes and exit codes, nothing of LSP.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import type { Command } from "./command.ts";

const TAIL = 20;

/** How long a server that was asked to end may take before it is ended. */
const GRACE_MS = 2000;

/** How long after its end a process may still be heard on stderr. */
const LAST_WORDS_MS = 500;

export class ServerProcess {
  /** Resolves, with the reason in a sentence, once the process is gone; never rejects. */
  readonly gone: Promise<string>;

  readonly child: ChildProcess;
  private readonly tail: string[] = [];

  private constructor(child: ChildProcess, program: string, onLine: (line: string) => void) {
    this.child = child;
    this.gone = new Promise((resolve) => {
      // "close" comes when the last words on stderr have been read, and never while a process
      // that the program started itself holds the pipes open.
      child.once("close", (code, signal) => resolve(this.reason(program, code, signal)));
      child.once("exit", async (code, signal) => {
        await setTimeout(LAST_WORDS_MS);
        resolve(this.reason(program, code, signal));
      });
    });
    if (child.stderr !== null) {
      createInterface({ input: child.stderr, crlfDelay: Infinity }).on("line", (line) => {
        this.tail.push(line);
        if (this.tail.length > TAIL) this.tail.shift();
        onLine(line);
      });
    }
  }

  /** @throws Error where the program cannot be started. */
  static async start(
    command: Command,
    cwd: string,
    onLine: (line: string) => void,
  ): Promise<ServerProcess> {
    // The workspace is not the working folder: `python -m tenon` would import from there.
    const child = spawn(command.program, command.args, { cwd, windowsHide: true });
    const started = new ServerProcess(child, command.program, onLine);
    await new Promise((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.on("error", (error) => onLine(String(error)));
    return started;
  }

  async goneWithin(milliseconds: number): Promise<boolean> {
    const pause = new AbortController();
    const late = setTimeout(milliseconds, false, { signal: pause.signal }).catch(() => false);
    const gone = await Promise.race([this.gone.then(() => true), late]);
    pause.abort();
    return gone;
  }

  /** See that the process ends: by itself in a moment, or else by force. */
  async end(): Promise<void> {
    this.child.stdin?.end();
    if (!(await this.goneWithin(GRACE_MS))) this.child.kill("SIGKILL");
    await this.gone;
  }

  private reason(program: string, code: number | null, signal: string | null): string {
    const how = code === null ? `was ended by ${signal}` : `ended with exit status ${code}`;
    const last = this.tail.findLast((line) => line.trim() !== "");
    return last === undefined ? `${program} ${how}.` : `${program} ${how}: ${last.trim()}`;
  }
}
