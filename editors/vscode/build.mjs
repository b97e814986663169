// Bundles the extension into dist/extension.js, with the licences of what is bundled beside it.

import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { build } from "esbuild";

const { metafile } = await build({
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  format: "cjs",
  platform: "node",
  // VS Code 1.91, the oldest that is supported, runs extensions on Node 20.
  target: "node20",
  external: ["vscode"],
  minify: true,
  metafile: true,
  logLevel: "info",
});

const homes = new Set(Object.keys(metafile.inputs).flatMap((input) => packageOf(input) ?? []));
const notices = [...homes].sort().map((home) => {
  const { name, version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  const licence = readdirSync(home).find((file) => /^licen[cs]e/i.test(file));
  if (licence === undefined) throw new Error(`${name} has no licence file: it cannot be shipped`);
  return `${name} ${version}\n\n${readFileSync(join(home, licence), "utf8").trim()}\n`;
});
writeFileSync("dist/THIRD-PARTY.txt", notices.join(`\n${"-".repeat(78)}\n\n`));

// The nearest folder directly below a node_modules (or below a scope in it), if any.
function packageOf(input) {
  for (let folder = dirname(resolve(input)); folder !== dirname(folder); folder = dirname(folder)) {
    const above = folder.split(sep).slice(0, -1);
    const direct = above.at(-1) === "node_modules" || above.at(-2) === "node_modules";
    if (direct && existsSync(join(folder, "package.json"))) return [folder];
  }
  return undefined;
}
