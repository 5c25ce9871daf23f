"use strict";
/* The worker: it has the simulator, so that the page never waits. It is told the
   compiled program once, and then a request at a time; it says

     {ready: about}                        it can be asked
     {id, run: [number, of, name]}         what runs next for a request
     {id, answer, times, what}             the answer to a request
     {failed: message}                     the program does not start                 */
importScripts("wasm_exec.js");

onmessage = async ({ data }) => {
  if (data.module) {
    try {
      const go = new Go();
      go.run(await WebAssembly.instantiate(data.module, go.importObject));
      postMessage({ ready: JSON.parse(fibsim.about()) });
    } catch (e) {
      postMessage({ failed: String(e.message || e) });
    }
    return;
  }
  const { id, request } = data;
  const { answer, times, what } = fibsim.run(JSON.stringify(request), (...run) => postMessage({ id, run }));
  const moved = times ? [times.buffer, what.buffer] : [];
  postMessage({ id, answer: JSON.parse(answer), times, what }, moved);
};
