"use strict";
/* Timeline: lanes of coloured intervals under one time axis, to zoom and to move.

     const view = Timeline(element, data, options)

   data = {
     start: 0, end: 4.3e9,              all that there is to see, in ns
     roots: [{                          one below the other: a backend each
       name: "gil", note: "measured",   its heading
       cut: 0,                          from when on nothing was recorded; 0: all was
       lanes: [
         {name: "lock", kind: "hold", owners: ["crunch-0", "quick-0"], spans},
         {name: "crunch-0", kind: "state", spans},
         {name: "ten-0", kind: "task", spans},
       ],
     }],
     marks: [{time: 3e8, name: "window"}],   vertical lines; may be missing
   }
   spans = {start, end, what}           arrays of one length, plain or typed: ns, ns,
                                        and a small number; sorted, without overlap
     what of a state or task lane       index into options.states
     what of a hold lane                index into owners: who had the lock; 128 more
                                        where it was made to let go

   options = {
     states: [{name: "run", means: "runs"}, …]   colours: --state-NAME in CSS
     label: "…"                         what it is, for those who do not see it
     window: {from, to}                 what is seen at first; all, if missing
     onWindow(from, to)                 told after each change of the window
   }

   view.setData(data)    other data; the window stays where it can
   view.setWindow(from, to) · view.window() → {from, to} · view.all()
   view.shares() → [{root, lane, kind, parts: [{name, share}], …}], of the window;
                   a state lane has wait, its longest interval of wait_gil in ns, a
                   task lane that of behind; a hold lane handoffs and forced, how often
                   the lock went to another; a count lane mean and most
   view.draw()           at once rather than with the next frame
   view.destroy()

   Keys while it has the focus: ← → move (with Shift farther), + − zoom, 0 all, Home
   and End. A drag moves; the wheel zooms with Ctrl or while it has the focus. Where
   intervals are narrower than a pixel, a column shows the shares of its states, from
   the bottom up.

   Below a hold lane there is one more, of kind count: how many of the threads shown
   wait for the lock. Where few hand-offs are in the window, each has an arrow from the
   lane of the one thread to that of the other.                                      */
function Timeline(element, data, options) {
  const pitch = 22, bar = 16, heading = 30, axisHeight = 30, least = 200;
  const many = 96; // intervals of a column that are added up one by one
  const apart = 7; // pixels between two hand-offs, on average, where each has an arrow
  const madeTo = 128;
  const owners = 6; // colours of holders: --thread-0 to --thread-5
  const states = options.states;
  const waits = states.findIndex((s) => s.name === "wait_gil"), behind = states.findIndex((s) => s.name === "behind");
  const paper = 690; // pixels of width that a printed page has room for
  const dark = matchMedia("(prefers-color-scheme: dark)"), print = matchMedia("print");
  let lanes = [], hands = [], from = 0, to = 1, gutter = 0, width = 0, scale = 1, colors = {}, frame = 0, image = null;

  // --- the elements -----------------------------------------------------------
  element.classList.add("timeline");
  element.tabIndex = 0;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", options.label || "timeline");
  const bars = make("div", "timeline-bar");
  const shown = make("output", "timeline-window");
  for (const [text, name, act] of [
    ["−", "zoom out", () => zoom(1.6)], ["+", "zoom in", () => zoom(1 / 1.6)],
    ["←", "earlier", () => move(-0.25)], ["→", "later", () => move(0.25)], ["all", "show all", () => all()],
  ]) {
    const button = make("button");
    button.type = "button";
    button.textContent = text;
    button.title = name;
    button.setAttribute("aria-label", name);
    button.addEventListener("click", act);
    bars.append(button);
  }
  bars.append(shown);
  const legend = make("ul", "legend");
  for (const s of states) {
    const item = make("li"), swatch = make("span", "swatch");
    swatch.style.background = "var(--state-" + s.name + ")";
    item.append(swatch, s.name);
    item.title = s.means || "";
    legend.append(item);
  }
  const arrows = make("li");
  arrows.textContent = "→ hand-off of the lock; dashed: by itself";
  arrows.title = "drawn where there is room: zoom in";
  legend.append(arrows);
  const axis = make("canvas", "timeline-axis"), body = make("canvas", "timeline-body");
  const tip = make("div", "tip");
  tip.hidden = true;
  axis.setAttribute("aria-hidden", "true");
  body.setAttribute("aria-hidden", "true");
  element.replaceChildren(bars, legend, axis, body, tip);
  const axisInk = axis.getContext("2d"), ink = body.getContext("2d");

  function make(tag, name) {
    const e = document.createElement(tag);
    if (name) e.className = name;
    return e;
  }

  // --- data and window --------------------------------------------------------
  function setData(next) {
    const same = data && lanes.length > 0 && next.start === data.start && next.end === data.end;
    data = next;
    lanes = [];
    hands = [];
    let y = 0;
    for (const root of data.roots) {
      lanes.push({ root, y, head: true });
      y += heading;
      for (const lane of root.lanes) {
        const hold = lane.kind === "hold";
        const { start, end, what } = lane.spans;
        const names = hold ? lane.owners : states.map((s) => s.name);
        const kinds = hold ? what.map((v) => v & ~madeTo) : what;
        lanes.push({
          root, lane, y, hold, names, forced: hold ? what.map((v) => v & madeTo) : null,
          spans: Spans(start, end, kinds, Math.max(1, names.length)),
        });
        y += pitch;
        if (!hold) continue;
        const { spans, most } = waiting(root.lanes);
        if (most === 0) continue;
        lanes.push({ root, lane: { name: "waiters 0–" + most, kind: "count" }, y, spans, most });
        y += pitch;
      }
      hands.push(...handing(root));
    }
    arrows.hidden = hands.length === 0;
    element.dataset.height = y;
    if (!same) {
      from = data.start;
      to = Math.max(data.end, data.start + least);
      if (options.window) clamp(options.window.from, options.window.to);
    }
    measure();
  }

  // waiting counts the threads in wait_gil: spans whose kind is how many, and the most.
  function waiting(list) {
    const threads = list.filter((l) => l.kind === "state").map((l) => l.spans);
    let n = 0;
    for (const { what } of threads) for (let i = 0; i < what.length; i++) n += what[i] === waits ? 1 : 0;
    const begins = new Float64Array(n), ends = new Float64Array(n);
    let k = 0;
    for (const { start, end, what } of threads) {
      for (let i = 0; i < what.length; i++) {
        if (what[i] !== waits) continue;
        begins[k] = start[i];
        ends[k++] = end[i];
      }
    }
    begins.sort();
    ends.sort();
    const start = new Float64Array(2 * n), end = new Float64Array(2 * n), what = new Uint8Array(2 * n);
    let count = 0, most = 0, now = 0, last = 0;
    for (let b = 0, e = 0; e < n;) { // each wait begins before it ends
      const begin = b < n && begins[b] <= ends[e], t = begin ? begins[b++] : ends[e++];
      if (now > 0 && t > last) {
        start[count] = last;
        end[count] = t;
        what[count++] = now;
        most = Math.max(most, now);
      }
      now = b - e;
      last = t;
    }
    return { spans: Spans(start.subarray(0, count), end.subarray(0, count), what.subarray(0, count), most + 1), most };
  }

  // handing returns the lock of a root, and the lanes of those that can have it, in the
  // order of its owners; nothing where there is no lock.
  function handing(root) {
    const here = lanes.filter((l) => l.root === root && l.lane), hold = here.find((l) => l.hold);
    if (!hold) return [];
    return [{ hold, own: hold.names.map((name) => here.find((l) => l.lane.kind === "state" && l.lane.name === name)) }];
  }

  // clamp sets the window to what is wanted, as far as there is anything to see.
  function clamp(a, b) {
    const length = Math.min(Math.max(b - a, least), Math.max(data.end - data.start, least));
    from = Math.min(Math.max(a, data.start), Math.max(data.end - length, data.start));
    to = from + length;
  }

  function setWindow(a, b) {
    clamp(a, b);
    redraw();
    if (options.onWindow) options.onWindow(from, to);
  }

  // zoom makes the window longer by a factor, around an instant that stays in place.
  function zoom(factor, around = (from + to) / 2) {
    setWindow(around - (around - from) * factor, around + (to - around) * factor);
  }
  const move = (part) => setWindow(from + part * (to - from), to + part * (to - from));
  const all = () => setWindow(data.start, data.end);

  // --- sizes and colours ------------------------------------------------------
  function measure() {
    const room = print.matches ? paper : element.clientWidth - 2;
    scale = window.devicePixelRatio || 1;
    const style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue(name).trim();
    colors = {
      page: value("--page"), panel: value("--panel"), rule: value("--rule"), text: value("--text"), muted: value("--muted"),
      states: states.map((s) => pixel(value("--state-" + s.name))),
      owners: Array.from({ length: owners }, (_, i) => pixel(value("--thread-" + i))),
    };
    colors.empty = pixel(colors.panel);
    ink.font = font(12);
    const widest = Math.max(0, ...lanes.filter((l) => l.lane).map((l) => ink.measureText(l.lane.name).width));
    gutter = Math.round(Math.min(widest + 12, 0.3 * room));
    width = Math.max(40, room - gutter);
    size(axis, room, axisHeight);
    size(body, room, Number(element.dataset.height) + 6);
    image = ink.createImageData(Math.max(1, Math.round(width * scale)), Math.round(bar * scale));
    redraw();
  }

  function size(canvas, w, h) {
    canvas.style.width = w + "px";
    canvas.style.height = h + "px";
    canvas.width = Math.round(w * scale);
    canvas.height = Math.round(h * scale);
  }

  const font = (px, weight = "") => weight + " " + px + "px system-ui, sans-serif";

  // pixel returns #rrggbb as a pixel of an image.
  function pixel(hex) {
    const v = parseInt(hex.slice(1), 16);
    return new Uint32Array(new Uint8Array([v >> 16, (v >> 8) & 255, v & 255, 255]).buffer)[0];
  }

  // --- drawing ----------------------------------------------------------------
  function redraw() {
    if (!frame) frame = requestAnimationFrame(draw);
  }

  function draw() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (image === null || element.clientWidth === 0) return;
    drawAxis();
    const place = body.getBoundingClientRect();
    ink.setTransform(scale, 0, 0, scale, 0, 0);
    for (const l of lanes) {
      const top = place.top + l.y;
      if (!print.matches && (top > innerHeight || top + heading < 0)) continue; // out of sight
      if (l.head) drawHeading(l); else drawLane(l);
    }
    hands.forEach(drawHandoffs);
    shown.textContent = Units.stretch(from, to) + " (" + Units.time(to - from) + ")";
  }

  function drawAxis() {
    const c = axisInk;
    c.setTransform(scale, 0, 0, scale, 0, 0);
    c.fillStyle = colors.page;
    c.fillRect(0, 0, gutter + width, axisHeight);
    c.font = font(11);
    c.fillStyle = colors.muted;
    c.textBaseline = "top";
    c.fillText("time", 0, 8);
    const perLabel = 92;
    const step = Units.step(((to - from) * perLabel) / width);
    c.textAlign = "center";
    for (let t = Math.ceil(from / step) * step; t <= to; t += step) {
      const x = gutter + ((t - from) / (to - from)) * width;
      c.fillStyle = colors.rule;
      c.fillRect(x, axisHeight - 6, 1, 6);
      const text = Units.instant(t, step), half = c.measureText(text).width / 2;
      c.fillStyle = colors.muted;
      c.fillText(text, Math.min(Math.max(x, gutter + half), gutter + width - half), 8);
    }
    c.textAlign = "left";
    c.fillStyle = colors.rule;
    c.fillRect(gutter, axisHeight - 1, width, 1);
  }

  function drawHeading(l) {
    ink.fillStyle = colors.page;
    ink.fillRect(0, l.y, gutter + width, heading);
    ink.textBaseline = "middle";
    ink.font = font(13, "600");
    ink.fillStyle = colors.text;
    ink.fillText(l.root.name, 0, l.y + 19);
    const x = ink.measureText(l.root.name).width + 8;
    ink.font = font(12);
    ink.fillStyle = colors.muted;
    const cut = l.root.cut ? "; not recorded from " + Units.time(l.root.cut) + " on" : "";
    ink.fillText((l.root.note || "") + cut, x, l.y + 19);
  }

  function drawLane(l) {
    ink.fillStyle = colors.page;
    ink.fillRect(0, l.y, gutter + width, pitch);
    const labels = paint(l);
    ink.putImageData(image, Math.round(gutter * scale), Math.round((l.y + 3) * scale));
    ink.font = font(12);
    ink.textBaseline = "middle";
    ink.fillStyle = colors.text;
    ink.fillText(fit(l.lane.name, gutter - 8), 0, l.y + 3 + bar / 2 + 0.5);
    ink.font = font(11);
    ink.fillStyle = colors.page;
    for (const [name, x, w] of labels) {
      const shown = ink.measureText(name).width + 6 <= w ? name : "";
      if (shown) ink.fillText(shown, gutter + x + 3, l.y + 3 + bar / 2 + 0.5);
    }
    drawMarks(l);
  }

  // fit cuts a text that has no room.
  function fit(text, room) {
    if (ink.measureText(text).width <= room) return text;
    while (text.length > 1 && ink.measureText(text + "…").width > room) text = text.slice(0, -1);
    return text + "…";
  }

  // handoffs counts how often the lock went to another thread in the window, and how
  // often because the one before was made to let go. Each is given to one, if there is.
  function handoffs({ spans, forced }, each) {
    const { start, end, what, count } = spans;
    let all = 0, made = 0;
    for (let i = spans.at(from); i + 1 < count && start[i + 1] <= to; i++) {
      if (what[i] === what[i + 1]) continue;
      all++;
      if (forced[i]) made++;
      if (each) each(i);
    }
    return { handoffs: all, forced: made };
  }

  // drawHandoffs draws an arrow for each hand-off of a lock, unless they are too many
  // to be told apart.
  function drawHandoffs({ hold, own }) {
    const { spans } = hold;
    if (spans.at(to) - spans.at(from) > width / apart) return;
    const x = (t) => gutter + ((t - from) / (to - from)) * width, middle = (l) => l.y + 3 + bar / 2;
    ink.save();
    ink.beginPath();
    ink.rect(gutter, 0, width, Number(element.dataset.height));
    ink.clip();
    handoffs(hold, (i) => {
      const a = own[spans.what[i]], b = own[spans.what[i + 1]];
      if (!a || !b) return; // one of those that have no lane
      const x1 = x(spans.end[i]), x2 = x(spans.start[i + 1]), y1 = middle(a), down = Math.sign(b.y - a.y), y2 = middle(b) - 3 * down;
      for (const [color, wide] of [[colors.page, 3.5], [colors.text, 1.2]]) {
        ink.strokeStyle = color;
        ink.lineWidth = wide;
        ink.setLineDash(hold.forced[i] ? [] : [3, 2]);
        ink.beginPath();
        ink.moveTo(x1, y1);
        ink.lineTo(x2, y2);
        ink.stroke();
        ink.setLineDash([]);
        ink.beginPath();
        ink.moveTo(x2 - 3.5, y2 - 4.5 * down);
        ink.lineTo(x2, y2);
        ink.lineTo(x2 + 3.5, y2 - 4.5 * down);
        ink.stroke();
      }
    });
    ink.restore();
  }

  // paint fills the image with one lane, column by column, and returns the names to
  // write into wide intervals of holders. A count lane is as high as its number, and
  // where a column has several, as their mean. What covers whole columns is filled at once;
  // a column with several intervals shows their shares. Those are added up one by one,
  // or where they are many taken from the sums that stand ready.
  function paint(l) {
    const { spans, hold, most } = l;
    const { start, end, what, count } = spans;
    const pixels = new Uint32Array(image.data.buffer);
    const w = image.width, h = image.height, per = (to - from) / w;
    const color = hold ? colors.owners : colors.states, kinds = most ? most + 1 : color.length;
    const tower = (x, x2, n) => {
      for (let y = n > 0 ? Math.min(h - 1, Math.round(h * (1 - n / most))) : h; y < h; y++) pixels.fill(colors.states[waits], y * w + x, y * w + x2);
    };
    const labels = [], part = new Float64Array(kinds);
    pixels.fill(colors.empty);
    for (let x = 0, i = spans.at(from); x < w;) {
      const a = from + x * per, b = a + per;
      while (i < count && end[i] <= a) i = end[Math.min(i + 8, count - 1)] <= a ? spans.at(a) : i + 1;
      if (i >= count) break;
      if (start[i] >= b) { // nothing here
        x = Math.max(x + 1, Math.min(w, Math.floor((start[i] - from) / per)));
        continue;
      }
      if (start[i] <= a && end[i] >= b) {
        const x2 = Math.max(x + 1, Math.min(w, Math.floor((end[i] - from) / per)));
        if (most) tower(x, x2, what[i]);
        else for (let y = 0; y < h; y++) pixels.fill(color[what[i] % kinds], y * w + x, y * w + x2);
        if (hold && (x2 - x) / scale > 24) labels.push([l.names[what[i]], x / scale, (x2 - x) / scale]);
        x = x2;
        continue;
      }
      part.fill(0);
      const last = Math.min(i + many, count);
      let j = i;
      for (; j < last && start[j] < b; j++) part[what[j] % kinds] += Math.min(end[j], b) - Math.max(start[j], a);
      if (j === last && j < count && start[j] < b) {
        part.fill(0);
        spans.between(a, b).forEach((v, k) => { part[k % kinds] += v; });
      }
      i = j - 1; // may reach into the next column
      if (most) {
        tower(x, ++x, mean(part, per));
        continue;
      }
      for (let k = 0, y = h, sum = 0; k < kinds; k++) {
        if (part[k] === 0) continue;
        sum += part[k];
        for (const top = Math.round(h * (1 - sum / per)); y > top; y--) pixels[(y - 1) * w + x] = color[k];
      }
      x++;
    }
    return labels;
  }

  // mean is the number of a count lane over a length of time; parts say how long it had
  // each.
  const mean = (parts, length) => parts.reduce((sum, v, n) => sum + n * v, 0) / length;

  function drawMarks(l) {
    ink.fillStyle = colors.text;
    for (const { time } of data.marks || []) {
      if (time >= from && time <= to) ink.fillRect(gutter + ((time - from) / (to - from)) * width, l.y, 1, pitch);
    }
  }

  // --- what the window holds --------------------------------------------------
  function shares() {
    return lanes.filter((l) => l.lane).map((l) => {
      const time = l.spans.between(from, to), is = { root: l.root.name, note: l.root.note, lane: l.lane.name, kind: l.lane.kind };
      if (l.most) return { ...is, parts: [], mean: mean(time, to - from), most: Math.max(0, ...time.map((v, n) => (v > 0 ? n : 0))) };
      const parts = Array.from(time, (v, k) => ({ name: l.names[k], share: v / (to - from) }));
      return l.hold ? { ...is, parts, ...handoffs(l) } : { ...is, parts, wait: l.spans.longest(from, to, l.lane.kind === "task" ? behind : waits) };
    });
  }

  // describe says what lies under a point of the body.
  function describe(x, y) {
    const l = lanes.find((l) => l.lane && y >= l.y && y < l.y + pitch);
    if (!l || x < gutter || x >= gutter + width) return "";
    const per = (to - from) / width, a = from + (x - gutter) * per, { spans } = l;
    const i = spans.at(a);
    const name = l.most ? "waiters" : l.lane.name;
    if (i >= spans.count || spans.start[i] >= a + per) return name + ": " + (l.hold ? "free" : l.most ? "0" : "–");
    if (spans.end[i] >= a + per || spans.end[i] - spans.start[i] > per) {
      const what = l.most ? spans.what[i] : l.names[spans.what[i]], made = l.hold && l.forced[i] ? "; made to let go" : "";
      return `${name}: ${what} for ${Units.time(spans.end[i] - spans.start[i])}, from ${Units.instant(spans.start[i], Units.step(per))}${made}`;
    }
    if (l.most) return name + ": " + Units.digits(mean(spans.between(a, a + per), per)) + " on average";
    const parts = [];
    spans.between(a, a + per).forEach((v, k) => v > 0.005 * per && parts.push(l.names[k] + " " + Units.percent(v / per)));
    return l.lane.name + ": " + parts.join(", ");
  }

  // --- hands ------------------------------------------------------------------
  const held = new Map(); // pointers that are down, with their last x
  const instantAt = (x) => from + ((x - gutter) / width) * (to - from);
  const xOf = (e) => e.clientX - body.getBoundingClientRect().left;

  function onKey(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target !== element) return;
    const far = e.shiftKey ? 0.5 : 0.1;
    const act = {
      ArrowLeft: () => move(-far), ArrowRight: () => move(far), "+": () => zoom(1 / 1.6), "=": () => zoom(1 / 1.6), "-": () => zoom(1.6),
      "0": all, Home: () => setWindow(data.start, data.start + to - from), End: () => setWindow(data.end - to + from, data.end),
    }[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  }

  function onWheel(e) {
    const sideways = Math.abs(e.deltaX) > Math.abs(e.deltaY);
    if (!sideways && !e.ctrlKey && !element.contains(document.activeElement)) return; // scrolls the page
    e.preventDefault();
    const lines = e.deltaMode === 1 ? 16 : 1;
    if (sideways) move((e.deltaX * lines) / width);
    else zoom(Math.exp(Math.max(-1, Math.min(1, e.deltaY * lines * 0.002))), instantAt(xOf(e)));
  }

  function onDown(e) {
    if (e.button !== 0) return;
    held.set(e.pointerId, xOf(e));
    body.setPointerCapture(e.pointerId);
    element.focus({ preventScroll: true });
  }

  function onMove(e) {
    const x = xOf(e);
    tip.hidden = true;
    if (!held.has(e.pointerId)) {
      const text = describe(x, e.clientY - body.getBoundingClientRect().top);
      if (text) {
        const place = element.getBoundingClientRect();
        tip.textContent = text;
        tip.hidden = false;
        tip.style.left = Math.max(0, Math.min(e.clientX - place.left + 12, element.clientWidth - tip.offsetWidth - 2)) + "px";
        tip.style.top = e.clientY - place.top + 16 + "px";
      }
      return;
    }
    const last = held.get(e.pointerId);
    if (held.size === 1) {
      move((last - x) / width);
    } else {
      const [other] = [...held].filter(([id]) => id !== e.pointerId).map(([, at]) => at);
      const now = Math.max(8, Math.abs(x - other)), was = Math.max(8, Math.abs(last - other));
      zoom(was / now, instantAt(other));
    }
    held.set(e.pointerId, x);
  }

  const onUp = (e) => held.delete(e.pointerId);
  const onLeave = () => { tip.hidden = true; };

  element.addEventListener("keydown", onKey);
  body.addEventListener("wheel", onWheel, { passive: false });
  body.addEventListener("pointerdown", onDown);
  body.addEventListener("pointermove", onMove);
  body.addEventListener("pointerup", onUp);
  body.addEventListener("pointercancel", onUp);
  body.addEventListener("pointerleave", onLeave);
  // Paper has its own width and colours, and takes what is drawn by then.
  function onPrint() {
    measure();
    draw();
  }

  document.addEventListener("scroll", redraw, { passive: true });
  addEventListener("resize", redraw); // a higher window shows more lanes
  dark.addEventListener("change", measure);
  print.addEventListener("change", onPrint);
  const resized = new ResizeObserver(measure);
  resized.observe(element);

  function destroy() {
    cancelAnimationFrame(frame);
    element.removeEventListener("keydown", onKey);
    document.removeEventListener("scroll", redraw);
    removeEventListener("resize", redraw);
    dark.removeEventListener("change", measure);
    print.removeEventListener("change", onPrint);
    resized.disconnect();
    element.replaceChildren();
  }

  setData(data);
  return { setData, setWindow, window: () => ({ from, to }), all, shares, draw, destroy };
}
