// Builds the browser bundles into ../api/static: scripts, style sheets and the licences of what they contain.
//
//   node build.mjs [--out DIRECTORY]

import { build } from "esbuild";
import { gzipSync } from "node:zlib";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";

const here = dirname(fileURLToPath(import.meta.url));
const outFlag = process.argv.indexOf("--out");
const out = outFlag > 0 ? resolve(process.argv[outFlag + 1]) : resolve(here, "../api/static");

const bundles = ["app.js", "diagram.js", "form.js", "style.css", "diagram.css", "form.css"];

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const result = await build({
  absWorkingDir: here,
  entryPoints: bundles.map((name) => `src/${name}`),
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "chrome109", "firefox115", "safari16"],
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  loader: { ".svg": "dataurl" },
});

writeFileSync(join(out, "THIRD_PARTY_LICENSES.txt"), licences(result.metafile));
writeFileSync(join(out, "favicon.svg"), readFileSync(join(here, "src/favicon.svg")));

for (const name of readdirSync(out).sort()) {
  const bytes = readFileSync(join(out, name));
  const kb = (n) => `${(n / 1024).toFixed(1)} KB`.padStart(10);
  console.log(`${name.padEnd(26)}${kb(bytes.length)}${kb(gzipSync(bytes, { level: 9 }).length)} gzip`);
}

/** The licence texts of every package that went into a bundle; a package without one fails the build. */
function licences(metafile) {
  const folders = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const match = input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
    if (match) folders.add(match[1]);
  }
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
    const file = readdirSync(join(here, folder)).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
    const text = file ? readFileSync(join(here, folder, file), "utf8").trim() : missing(name);
    return `${"=".repeat(100)}\n${name} ${version} (${license})\n${"=".repeat(100)}\n\n${text}\n`;
  });
  return `Gatewise's browser bundles contain the packages below, under these licences.\n\n${texts.join("\n")}`;
}

function missing(name) {
  throw new Error(`${name} has no licence file: add its text to build.mjs or do without the package`);
}
