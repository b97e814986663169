/**
 * Finds the program that is Tenon's server. Knows files and PATH, nothing of VS Code.
 *
 * What comes out is an absolute path: the current folder has no say in what is run. In a
 * workspace that is not trusted nothing that lies in it is run, whichever way it was named.
 */

import { constants, accessSync, realpathSync, statSync } from "node:fs";
import * as path from "node:path";

export interface Surroundings {
  /** The setting `tenon.command`: a program and its arguments. */
  readonly command: readonly string[];
  /** The workspace's folders, absolute. */
  readonly folders: readonly string[];
  readonly trusted: boolean;
  readonly home: string;
  /** The environment variable PATH. */
  readonly path: string;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** Why there is no command, in a sentence for the user, with what to do about it. */
export class CommandMissing extends Error {}

const FOLDER = "${workspaceFolder}";

/** @throws CommandMissing */
export function findCommand(surroundings: Surroundings): Command {
  const [name, ...args] = surroundings.command.map((word) => expand(word, surroundings));
  if (name === undefined || name === "") {
    throw new CommandMissing('The setting "tenon.command" is empty. Reset it, or name a program.');
  }
  const program = isBare(name) ? search(name, surroundings) : atPath(name);
  const run = [program, ...args];
  if (!surroundings.trusted && run.some((word) => isInside(word, surroundings.folders))) {
    throw new CommandMissing(
      `${program} lies in this workspace, which is not trusted, so it is not run. ` +
        'Trust the workspace, or name a program elsewhere in "tenon.command".',
    );
  }
  return { program, args };
}

function expand(word: string, { folders, home, trusted }: Surroundings): string {
  if (word === "~" || /^~[\\/]/.test(word)) return path.join(home, word.slice(1));
  if (!word.startsWith(FOLDER)) return word;
  const folder = folders[0];
  if (folder === undefined) {
    throw new CommandMissing(`"tenon.command" speaks of ${FOLDER}, and no folder is open.`);
  }
  if (!trusted) {
    throw new CommandMissing(
      `"tenon.command" speaks of ${FOLDER}, and this workspace is not trusted. Trust it first.`,
    );
  }
  return path.join(folder, word.slice(FOLDER.length));
}

function isBare(name: string): boolean {
  return !name.includes("/") && !name.includes(path.sep);
}

function atPath(name: string): string {
  if (!path.isAbsolute(name)) {
    throw new CommandMissing(
      `"tenon.command" names ${name}: a path must be absolute, or begin with ~ or ${FOLDER}.`,
    );
  }
  if (!isProgram(name)) {
    throw new CommandMissing(`${name}, named in "tenon.command", is not a program to be run.`);
  }
  return name;
}

function search(name: string, { home, trusted, folders, path: PATH }: Surroundings): string {
  // uv and pipx install into ~/.local/bin, which an editor started from a desktop may not
  // have on its PATH.
  const places = [...PATH.split(path.delimiter), path.join(home, ".local", "bin")];
  for (const place of places) {
    if (!path.isAbsolute(place) || (!trusted && isInside(place, folders))) continue;
    for (const suffix of process.platform === "win32" ? [".exe", ""] : [""]) {
      const program = path.join(place, name + suffix);
      if (isProgram(program)) return program;
    }
  }
  throw new CommandMissing(
    `The command "${name}" was not found. Install Tenon so that it is on PATH, ` +
      'or set "tenon.command" to where it is.',
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether `file` is below one of `folders`, by its name or once links are followed. */
function isInside(file: string, folders: readonly string[]): boolean {
  if (!path.isAbsolute(file)) return false;
  return folders.some((folder) => below(file, folder) || below(real(file), real(folder)));
}

function below(file: string, folder: string): boolean {
  const way = path.relative(folder, file);
  return way === "" || (way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way));
}

function real(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}
