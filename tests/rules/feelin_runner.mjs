// Evaluates expressions with feelin: JSON [[expression, context], …] on stdin, JSON [value or {error}, …] on stdout.
// node feelin_runner.mjs FOLDER_OF_NODE_MODULES

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import process from "node:process";

const require = createRequire(pathToFileURL(`${process.argv[2]}/`));
const { evaluate } = await import(pathToFileURL(require.resolve("@bpmn-io/feelin")));

const plain = (value) => {
  if (value === null || value === undefined || typeof value === "boolean" || typeof value === "string") return value ?? null;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "function") return "function";
  if (typeof value.toISO === "function") return value.toISO();
  if (value.constructor === Object) return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, plain(entry)]));
  return String(value);
};

let input = "";
for await (const chunk of process.stdin) input += chunk;
const answers = JSON.parse(input).map(([expression, context]) => {
  try {
    const result = evaluate(expression, context);
    return { value: plain(result && typeof result === "object" && "value" in result && "warnings" in result ? result.value : result) };
  } catch (error) {
    return { error: String(error.message ?? error).slice(0, 100) };
  }
});
process.stdout.write(JSON.stringify(answers));
