"use strict";
/* Packed: the intervals of a timeline as a page carries them, small and exact.

   All lanes of a page stand one after the other in one stream of bytes, which is
   compressed with gzip and written in base64. Each lane is

     what    count bytes
     gaps    count varints: from the end of the interval before, at first from 0
     lengths count varints

   A varint holds seven bits in each byte, the low ones first; the eighth says that
   more follow. What a lane is, and its count, stand beside the stream, in the order
   of the stream.                                                                   */
const Packed = (() => {
  async function inflate(base64) {
    if (typeof DecompressionStream === "undefined") {
      throw new Error("this browser is too old to unpack the timeline (it lacks DecompressionStream)");
    }
    const text = atob(base64.replace(/\s+/g, ""));
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  // reader returns functions that take values from the front of the bytes.
  function reader(bytes) {
    let at = 0;
    function varint() {
      let value = 0, scale = 1, b;
      do {
        b = bytes[at++];
        value += (b & 127) * scale;
        scale *= 128;
      } while (b > 127);
      return value;
    }
    function take(count) {
      at += count;
      return bytes.subarray(at - count, at);
    }
    return { varint, take };
  }

  // spans reads the next lane.
  function spans(read, count) {
    const what = read.take(count);
    const start = new Float64Array(count), end = new Float64Array(count);
    for (let i = 0; i < count; i++) start[i] = read.varint();
    let last = 0;
    for (let i = 0; i < count; i++) {
      start[i] += last;
      last = end[i] = start[i] + read.varint();
    }
    return { start, end, what };
  }

  // timelines fills in the spans of every lane of every root of the list.
  async function timelines(list, base64) {
    const read = reader(await inflate(base64));
    for (const data of list) {
      for (const root of data.roots) {
        for (const lane of root.lanes) lane.spans = spans(read, lane.count);
      }
    }
    return list;
  }

  return { timelines };
})();
