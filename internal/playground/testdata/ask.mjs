// Asks the simulator for a browser under Node: node ask.mjs WASM LOADER < requests. A
// request is a line of JSON, and so is its answer. The figures of the last column are
// the milliseconds that it took.
import fs from "node:fs";
import vm from "node:vm";

const [wasm, loader] = process.argv.slice(2);
vm.runInThisContext(fs.readFileSync(loader, "utf8"));
const go = new Go();
const { instance } = await WebAssembly.instantiate(fs.readFileSync(wasm), go.importObject);
go.run(instance);
for (const line of fs.readFileSync(0, "utf8").split("\n").filter((l) => l !== "")) {
  const begin = performance.now();
  const { answer, times, what } = fibsim.run(line, () => {});
  const ms = performance.now() - begin;
  const counts = JSON.parse(answer).drawing.roots.flatMap((r) => r.lanes.map((l) => l.count));
  const intervals = counts.reduce((a, b) => a + b, 0);
  if (times.length !== 2 * intervals || what.length !== intervals) throw new Error("the arrays are not those of the lanes");
  console.log(JSON.stringify({ ms, answer: JSON.parse(answer) }));
}
process.exit(0);
