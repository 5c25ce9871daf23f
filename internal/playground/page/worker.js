"use strict";
/* The worker: it has the simulator, so that the page never waits. It is told the
   compiled program once, and then a request at a time; it says

     {ready: about}                        it can be asked
     {id, run: [number, of, name]}         what runs next for a request
     {id, early: true, answer, times, what}   its answer while it is pending
     {id, answer, times, what}             the answer; the arrays come with the first one
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
  function hand({ answer, times, what }, early) {
    const moved = times ? [times.buffer, what.buffer] : [];
    postMessage({ id, early, answer: JSON.parse(answer), times, what }, moved);
  }
  hand(fibsim.run(JSON.stringify(request), (...run) => postMessage({ id, run }), (early) => hand(early, true)), false);
};
