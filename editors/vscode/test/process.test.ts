import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { ServerProcess } from "../src/process.ts";

const node = process.execPath;

function start(script: string, lines: string[] = []): Promise<ServerProcess> {
  const command = { program: node, args: ["-e", script] };
  return ServerProcess.start(command, tmpdir(), (line) => lines.push(line));
}

test("the end of a process is told with its last words", async () => {
  const lines: string[] = [];
  const started = await start('console.error("first\\nlast\\n"); process.exitCode = 3;', lines);
  assert.equal(await started.gone, `${node} ended with exit status 3: last`);
  assert.deepEqual(lines, ["first", "last", ""]);
});

test("a process that says nothing is told by its status alone", async () => {
  const started = await start("");
  assert.equal(await started.gone, `${node} ended with exit status 0.`);
});

test("a program that cannot be started is an error", async () => {
  const command = { program: "/no/such/program", args: [] };
  await assert.rejects(ServerProcess.start(command, tmpdir(), () => undefined), /ENOENT/);
});

test("a process that does not end when its input does is ended", async () => {
  const started = await start("setInterval(() => undefined, 1000)");
  await started.end();
  assert.equal(await started.gone, `${node} was ended by SIGKILL.`);
});

test("whether a process is gone is known in bounded time", async () => {
  const started = await start("setInterval(() => undefined, 1000)");
  assert.equal(await started.goneWithin(50), false);
  started.child.kill();
  assert.equal(await started.goneWithin(60_000), true);
});
