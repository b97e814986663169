import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";
import { CommandMissing, type Surroundings, findCommand } from "../src/command.ts";

const root = mkdtempSync(join(tmpdir(), "tenon-"));
after(() => rmSync(root, { recursive: true }));

const home = folder("home");
const bin = folder("bin");
const workspace = folder("workspace");

function folder(...names: string[]): string {
  const path = join(root, ...names);
  mkdirSync(path, { recursive: true });
  return path;
}

function program(...names: string[]): string {
  folder(...names.slice(0, -1));
  const path = join(root, ...names);
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, 0o755);
  return path;
}

function at(changes: Partial<Surroundings>): Surroundings {
  return {
    command: ["tenon", "serve"],
    folders: [workspace],
    trusted: true,
    home,
    path: bin,
    ...changes,
  };
}

function refuses(surroundings: Partial<Surroundings>, message: RegExp): void {
  assert.throws(
    () => findCommand(at(surroundings)),
    (error) => error instanceof CommandMissing && message.test(error.message),
  );
}

test("a bare name is looked for on PATH, and its arguments are kept", () => {
  const tenon = program("bin", "tenon");
  assert.deepEqual(findCommand(at({})), { program: tenon, args: ["serve"] });
});

test("a bare name is looked for in ~/.local/bin last", () => {
  const tool = program("home", ".local", "bin", "tool");
  assert.equal(findCommand(at({ command: ["tool"] })).program, tool);
  const sooner = program("bin", "tool");
  assert.equal(findCommand(at({ command: ["tool"] })).program, sooner);
});

test("a command that is nowhere is refused with what to do", () => {
  refuses({ command: ["nowhere"] }, /"nowhere" was not found.*Install Tenon.*tenon\.command/s);
});

test("a file that cannot be run and a folder are not commands", () => {
  const file = program("bin", "plain");
  chmodSync(file, 0o644);
  refuses({ command: ["plain"] }, /was not found/);
  refuses({ command: [file] }, /not a program/);
  refuses({ command: [bin] }, /not a program/);
});

test("an empty command is refused", () => {
  refuses({ command: [] }, /is empty/);
  refuses({ command: [""] }, /is empty/);
});

test("~ is the home folder", () => {
  const own = program("home", "venv", "bin", "tenon");
  assert.equal(findCommand(at({ command: ["~/venv/bin/tenon"] })).program, own);
});

test("a relative path is refused, for nobody knows relative to what", () => {
  refuses({ command: ["venv/bin/tenon"] }, /must be absolute/);
  refuses({ command: ["./tenon"] }, /must be absolute/);
});

test("a relative folder on PATH is passed over", () => {
  const tenon = program("bin", "tenon");
  const path = ["", ".", "bin", bin].join(delimiter);
  assert.equal(findCommand(at({ path })).program, tenon);
});

test("a trusted workspace's own environment can be named", () => {
  const own = program("workspace", ".venv", "bin", "tenon");
  const command = ["${workspaceFolder}/.venv/bin/tenon", "serve"];
  assert.deepEqual(findCommand(at({ command })), { program: own, args: ["serve"] });
  refuses({ command, folders: [] }, /no folder is open/);
});

test("nothing in an untrusted workspace is run, whichever way it is named", () => {
  const trusted = false;
  const own = program("workspace", ".venv", "bin", "tenon");
  refuses({ trusted, command: ["${workspaceFolder}/.venv/bin/tenon"] }, /not trusted/);
  refuses({ trusted, command: [own] }, /not trusted/);
  refuses({ trusted, command: [program("bin", "sh"), own] }, /not trusted/);
  const link = join(bin, "linked");
  symlinkSync(own, link);
  refuses({ trusted, command: [link] }, /not trusted/);
  refuses({ trusted, command: ["linked"] }, /not trusted/);
});

test("PATH entries in an untrusted workspace are passed over", () => {
  const tenon = program("bin", "tenon");
  program("workspace", ".venv", "bin", "tenon");
  const path = [join(workspace, ".venv", "bin"), bin].join(delimiter);
  assert.equal(findCommand(at({ trusted: false, path })).program, tenon);
});
