"use strict";
/* Spans: intervals of time that do not overlap, sorted, each with a small number
   that says what it is. A million of them answer in microseconds what a stretch of
   time is made of: sums over blocks of 64 stand ready, so that a question walks over
   two blocks at most.

     Spans(start, end, what, kinds)   arrays of one length; what < kinds
     .at(t)           index of the first interval that ends after t; .count if none
     .sums(t, out)    time in each kind from the very beginning up to t, into out
     .between(a, b)   time in each kind between two instants
     .longest(a, b, kind)   the longest interval of a kind that touches [a, b)      */
function Spans(start, end, what, kinds) {
  const count = start.length, shift = 6;
  const blocks = Math.ceil(count / 64) + 1;
  const before = new Float64Array(blocks * kinds);
  const running = new Float64Array(kinds);
  for (let i = 0; i < count; i++) {
    if ((i & 63) === 0) before.set(running, (i >> shift) * kinds);
    running[what[i]] += end[i] - start[i];
  }
  if ((count & 63) === 0) before.set(running, (count >> shift) * kinds);

  function at(t) {
    let low = 0, high = count;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (end[mid] > t) high = mid; else low = mid + 1;
    }
    return low;
  }

  function sums(t, out) {
    const i = at(t), block = i >> shift;
    for (let k = 0; k < kinds; k++) out[k] = before[block * kinds + k];
    for (let j = block << shift; j < i; j++) out[what[j]] += end[j] - start[j];
    if (i < count && start[i] < t) out[what[i]] += t - start[i];
    return out;
  }

  function between(a, b) {
    const x = sums(a, new Float64Array(kinds)), y = sums(b, new Float64Array(kinds));
    return y.map((v, k) => v - x[k]);
  }

  // A walk over all of them: asked for once the window rests, never while it moves.
  function longest(a, b, kind) {
    let most = 0;
    for (let i = at(a); i < count && start[i] < b; i++) {
      if (what[i] === kind && end[i] - start[i] > most) most = end[i] - start[i];
    }
    return most;
  }

  return { start, end, what, kinds, count, at, sums, between, longest };
}
