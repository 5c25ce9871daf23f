// Asks the simulator for a browser under Node: node ask.mjs WASM LOADER < requests. A
// request is a line of JSON, and so is its answer, with the milliseconds that it took,
// and after which there was something to show.
import fs from "node:fs";
import vm from "node:vm";

const [wasm, loader] = process.argv.slice(2);
vm.runInThisContext(fs.readFileSync(loader, "utf8"));
const go = new Go();
const { instance } = await WebAssembly.instantiate(fs.readFileSync(wasm), go.importObject);
go.run(instance);
for (const line of fs.readFileSync(0, "utf8").split("\n").filter((l) => l !== "")) {
  const begin = performance.now();
  let early = null, first = 0;
  const last = fibsim.run(line, () => {}, (a) => {
    early = a;
    first = performance.now() - begin;
  });
  const ms = performance.now() - begin;
  const { answer, times, what } = early ?? last;
  const counts = JSON.parse(answer).drawing.roots.flatMap((r) => r.lanes.map((l) => l.count));
  const intervals = counts.reduce((a, b) => a + b, 0);
  if (times.length !== 2 * intervals || what.length !== intervals) throw new Error("the arrays are not those of the lanes");
  if (early && (last.times || JSON.parse(last.answer).drawing)) throw new Error("the picture comes twice");
  console.log(JSON.stringify({ ms, first: early ? first : ms, answer: JSON.parse(last.answer) }));
}
process.exit(0);
