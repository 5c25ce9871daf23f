"use strict";
/* The playground: settings in, predictions out.

   What the reader has chosen is one value, the state:

     {step, variant, set: [{path, value}], text}

   Step names where it began; text, when it is not null, is a scenario of the reader's
   own. The address of the page holds the state after its #, so that a link, and the
   way back, lead to what was seen. Every change makes a request to the worker; of
   those that come while it computes only the last one is made.                      */

// --- the state and the address ------------------------------------------------
const Address = (() => {
  const same = (a, b) => a.length === b.length && a.every((s, i) => s.path === b[i].path && s.value === b[i].value);

  function encode(text) {
    let binary = "";
    for (const b of new TextEncoder().encode(text)) binary += String.fromCharCode(b);
    return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function decode(text) {
    const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(binary, (c) => c.charCodeAt(0)));
  }

  // write returns what stands after the #. What the step has by itself is left out.
  function write(state, step) {
    const p = new URLSearchParams();
    p.set("step", state.step);
    if (state.variant !== (step.variant || "")) p.set("variant", state.variant);
    if (!same(state.set, step.set || [])) {
      if (state.set.length === 0) p.set("set", "");
      for (const s of state.set) p.append("set", s.path + "=" + s.value);
    }
    if (state.text !== null) p.set("text", encode(state.text));
    return "#" + p.toString().replace(/%3D/g, "=").replace(/%3A/g, ":").replace(/%2F/g, "/");
  }

  // read returns the state that an address holds. What cannot be read is said.
  function read(hash, steps) {
    const p = new URLSearchParams(hash.replace(/^#/, ""));
    const name = p.get("step") || steps[0].name, wrong = [];
    let step = steps.find((s) => s.name === name);
    if (!step) {
      wrong.push(`the address names the step ${name}, and there is none`);
      step = steps[0];
    }
    const state = { step: step.name, variant: step.variant || "", set: (step.set || []).slice(), text: null };
    if (p.has("variant")) state.variant = p.get("variant");
    if (p.has("set")) {
      state.set = [];
      for (const one of p.getAll("set").filter((s) => s !== "")) {
        const at = one.indexOf("=");
        state.set.push(at < 0 ? { path: one, value: "" } : { path: one.slice(0, at), value: one.slice(at + 1) });
      }
    }
    if (p.has("text")) {
      try {
        state.text = decode(p.get("text"));
      } catch {
        wrong.push("the scenario in the address is damaged, so that the step is shown as it is");
      }
    }
    return { state, wrong };
  }

  return { read, write };
})();

// --- the worker -----------------------------------------------------------------
/* Engine(module, told) asks one worker after the other. told has: ready(about),
   started(), run(number, of, name), early(message, since), answer(message, since),
   failed(text). Since is when the request was made. An answer that an early one came
   before has the milliseconds after which that was shown as first.                   */
function Engine(module, told) {
  let worker = null, ready = false, current = null, next = null, id = 0;
  // A request that is out of date is waited for this long; then its worker is given up.
  const patience = 250;

  function start() {
    ready = false;
    worker = new Worker("worker.js");
    worker.onmessage = ({ data }) => hear(data);
    worker.onerror = (e) => { e.preventDefault(); fail(e.message); };
    worker.postMessage({ module });
  }

  function hear(data) {
    if (data.ready) {
      ready = true;
      told.ready(data.ready);
      go();
    } else if (data.failed) {
      told.failed(data.failed);
    } else if (current && data.id === current.id) {
      if (data.run) return told.run(...data.run);
      if (data.early) {
        current.early = data;
        return told.early(data, current.since);
      }
      if (current.early) { // what is the same stands in that one
        const { answer, times, what, first } = current.early;
        data.answer.drawing = answer.drawing;
        Object.assign(data, { times, what, first });
      }
      // The next one is asked first, so that it is computed while this one is drawn.
      const since = current.since;
      current = null;
      go();
      told.answer(data, since);
    }
  }

  // fail begins anew after the program has ended, as it does when memory runs out.
  function fail(text) {
    const asked = current;
    drop();
    if (asked) told.failed("The simulator has stopped: " + text);
  }

  function drop() {
    worker.terminate();
    current = null;
    start();
  }

  function go() {
    if (!ready || current || !next) return;
    current = { ...next, began: performance.now() };
    next = null;
    worker.postMessage({ id: current.id, request: current.request });
    told.started();
  }

  function ask(request) {
    next = { id: ++id, request, since: performance.now() };
    go();
    if (current && next) setTimeout(tire, Math.max(0, current.began + patience - performance.now()));
  }

  function tire() {
    if (current && next && performance.now() - current.began >= patience) drop();
  }

  function cancel() {
    if (!current) return;
    next = null;
    drop();
  }

  start();
  return { ask, cancel, busy: () => current !== null || next !== null };
}

// --- the page ---------------------------------------------------------------------
(() => {
  const $ = (id) => document.getElementById(id);
  let about = null, steps = [], state = null, answer = null, engine = null, view = null, seen = "", shown = "", noted = [];
  // An early answer waits a little, as most are whole by then. While what is shown is the
  // early answer to the last request, ahead is after how many ms that came.
  const little = 60;
  let soon = 0, ahead = null;

  const step = () => steps.find((s) => s.name === state.step);
  const make = (tag, text, name) => {
    const e = document.createElement(tag);
    if (text !== undefined) e.textContent = text;
    if (name) e.className = name;
    return e;
  };

  // --- what was chosen -----------------------------------------------------------
  // choose makes a new state the current one. A change that is under way, such as a
  // slider that is being dragged, leaves the address as it is.
  function choose(next, underway) {
    state = next;
    noted = [];
    if (!underway) {
      const address = Address.write(state, step());
      if (address !== location.hash) history.pushState(null, "", address);
      seen = address;
    }
    tell();
    ask();
  }

  // ask has the state predicted. Whether an answer is on its way stands in the page.
  function ask() {
    document.body.dataset.idle = "false";
    engine.ask({ scenario: step().scenario, text: state.text || "", variant: state.variant, set: state.set });
  }
  const rest = () => { document.body.dataset.idle = String(!engine.busy()); };

  function arrive() {
    if (about === null || location.hash === seen) return;
    const { state: next, wrong } = Address.read(location.hash, steps);
    seen = location.hash;
    state = next;
    noted = wrong.map((text) => ({ text }));
    tell();
    ask();
  }

  // with returns the settings with one changed; drops begins the paths of those that
  // go with it.
  function with_(path, value, drops) {
    const rest = state.set.filter((s) => s.path !== path && !(drops && s.path.startsWith(drops)));
    return [...rest, { path, value }];
  }

  const fresh = (s) => ({ step: s.name, variant: s.variant || "", set: (s.set || []).slice(), text: null });

  // tell shows what the step is about.
  function tell() {
    const s = step(), own = state.text !== null;
    $("step").value = s.name;
    const at = steps.indexOf(s);
    $("previous").disabled = at === 0;
    $("next").disabled = at === steps.length - 1;
    $("title").textContent = own ? "Your own scenario" : s.title;
    $("text").textContent = own ? "It began as: " + s.title + "." : s.text;
    $("look").textContent = own ? "" : s.look;
    document.title = (own ? "your own scenario" : s.title) + " · fibsim playground";
    $("reset").disabled = !own && Address.write(state, s) === Address.write(fresh(s), s);
  }

  // --- controls --------------------------------------------------------------------
  const rows = new Map(); // by path

  function controls(list, variants, variant) {
    const all = list.slice();
    if (variants && variants.length > 0) {
      all.unshift({ path: "", block: "Scenario", label: "variant", help: "a form of the scenario", kind: "choice", value: variant, values: variants });
    }
    const shape = JSON.stringify(all.map((c) => [c.path, c.kind, c.block, c.label]));
    if (shape !== shown) {
      shown = shape;
      rows.clear();
      const focus = document.activeElement && document.activeElement.name;
      $("controls").replaceChildren();
      let box = null, block = null;
      for (const c of all) {
        if (c.block !== block) {
          block = c.block;
          box = make("fieldset");
          box.append(make("legend", block));
          $("controls").append(box);
        }
        rows.set(c.path, Row(c));
        box.append(rows.get(c.path).element);
      }
      // A choice that changes what else there is keeps the focus.
      const again = focus !== undefined && [...$("controls").elements].find((e) => e.name === focus);
      if (again) again.focus();
    }
    for (const c of all) rows.get(c.path).show(c);
  }

  // Row is one control: a slider over values, a choice, or a number.
  function Row(c) {
    const element = make("div", undefined, c.kind), id = "c-" + (c.path || "variant");
    const label = make("label", c.label);
    label.htmlFor = id;
    const input = make(c.kind === "choice" ? "select" : "input");
    input.id = id;
    input.name = c.path || "variant";
    const out = make("output");
    let values = [], drops = c.drops;
    element.append(label, input);
    if (c.kind === "steps") {
      input.type = "range";
      input.min = 0;
      input.step = 1;
      out.htmlFor = id;
      element.append(out);
      input.addEventListener("input", () => { text(); take(true); });
      input.addEventListener("change", () => take(false));
    } else {
      if (c.kind === "number") {
        input.type = "number";
        input.min = 1;
        input.step = 1;
      }
      input.addEventListener("change", () => take(false));
    }

    const value = () => (c.kind === "steps" ? values[Number(input.value)] : input.value);

    function text() {
      out.textContent = value();
      input.setAttribute("aria-valuetext", value());
    }

    function take(underway) {
      if (c.path === "") return choose({ ...state, variant: value(), set: (step().set || []).slice() });
      if (value() !== "") choose({ ...state, set: with_(c.path, value(), drops) }, underway);
    }

    function show(now) {
      drops = now.drops;
      element.title = now.help || "";
      element.classList.toggle("changed", state.set.some((s) => s.path === c.path));
      if (document.activeElement === input && c.kind === "number") return;
      // The values of a slider stay under the pointer that drags it.
      const kept = c.kind === "steps" && document.activeElement === input && values.includes(now.value);
      if (now.values && !kept && JSON.stringify(values) !== JSON.stringify(now.values)) {
        values = now.values;
        if (c.kind === "choice") input.replaceChildren(...values.map((v) => new Option(v, v)));
        else input.max = values.length - 1;
      }
      if (c.kind === "steps") {
        if (document.activeElement !== input || !engine.busy()) input.value = values.indexOf(now.value);
        text();
      } else {
        input.value = now.value;
      }
    }
    return { element, show };
  }

  // --- results -----------------------------------------------------------------------
  // figure returns a value in the unit that its column's name ends with.
  function figure(column, v) {
    if (v === null) return answer.pending && column === "slowdown_ratio" ? "…" : "–";
    if (column.endsWith("_ns")) return Units.time(v);
    if (column.endsWith("_share_ratio")) return Units.percent(v);
    if (column.endsWith("_ratio")) return Units.digits(v) + "x";
    if (column.endsWith("_per_s")) return Units.digits(v);
    return String(v);
  }

  function show(data, since) {
    clearTimeout(soon);
    answer = data.answer;
    if (!engine.busy()) $("waiting").hidden = true;
    if (answer.text !== undefined && document.activeElement !== $("scenario")) $("scenario").value = state.text !== null ? state.text : answer.text;
    if (answer.controls) controls(answer.controls, answer.variants, answer.variant);
    const wrong = answer.problems && answer.problems.length > 0;
    $("scenario").setAttribute("aria-invalid", String(Boolean(wrong && answer.problems.some((p) => p.line))));
    if (wrong) complain("The scenario cannot be predicted", answer.problems);
    else if (answer.failure) complain("This was not predicted to its end", [{ text: answer.failure }]);
    else if (noted.length > 0) complain("The address cannot be followed", noted);
    else $("problems").hidden = true;
    if (answer.table && !answer.failure) figures(data);
    else $("found").classList.add("stale");
    same();
    const drawn = () => {
      const ms = Math.round(performance.now() - since), first = data.first ?? ms;
      document.body.dataset.ms = first;
      if (data.early) {
        data.first = first;
        if (answer === data.answer) ahead = first;
        return;
      }
      document.body.dataset.done = String(Number(document.body.dataset.done || 0) + 1);
      rest();
      const more = data.first === undefined ? "" : `; what each group does alone took ${ms - first} ms more`;
      $("status").textContent = wrong || answer.failure ? "" : `Predicted in ${first} ms${more}.`;
    };
    requestAnimationFrame(drawn);
  }

  function figures(data) {
    const { table, warnings, drawing } = answer;
    $("found").hidden = false;
    $("found").classList.remove("stale");
    const said = $("finding");
    said.replaceChildren();
    if (answer.finding) said.append(make("p", answer.finding));
    if (table.indexes.length > 0) {
      const p = make("p", "Favor-CPU-bound index: ");
      table.indexes.forEach((x, i) => {
        if (i > 0) p.append(", ");
        p.append(x.backend + " ", make("strong", Units.digits(x.value)));
      });
      p.append(".");
      said.append(p, make("p", "1: nobody is favoured; above: CPU-bound work is; below: short work is", "note"));
    }
    said.hidden = said.childElementCount === 0;
    Tables.fill($("table"), ["group", "backend", ...table.columns.map((c) => c.title)], 2,
      table.rows.map((r) => [r.group, r.backend, ...r.figures.map((v, i) => figure(table.columns[i].name, v))]));
    $("follows").hidden = !answer.pending;
    $("table").querySelectorAll("thead th").forEach((th, i) => { if (i > 1) th.title = table.columns[i - 2].help; });
    $("warnings").replaceChildren(...(warnings || []).map((w) => make("li", "⚠ " + w.message + "; " + w.hint)));
    draw(drawing, data.times, data.what);
  }

  // draw gives the timeline its lanes: parts of the two arrays, in their order.
  function draw(d, times, what) {
    let at = 0, kind = 0;
    const roots = d.roots.map((root) => ({
      ...root,
      lanes: root.lanes.map((lane) => {
        const start = times.subarray(at, at + lane.count), end = times.subarray(at + lane.count, at + 2 * lane.count);
        const spans = { start, end, what: what.subarray(kind, kind + lane.count) };
        at += 2 * lane.count;
        kind += lane.count;
        return { ...lane, spans };
      }),
    }));
    const data = { start: d.start, end: d.end, roots };
    $("measured").textContent = `The window that is measured is from ${Units.stretch(d.from, d.to)}.`;
    const key = state.step + "\n" + state.variant + "\n" + (state.text === null);
    if (view === null) {
      view = Timeline($("timeline"), data, {
        states: about.states.map((s) => ({ name: s.Name, means: s.Means })), label: "what each thread did, over time",
        onWindow: () => { if ($("shares").open) shares(); },
      });
    }
    const before = view.window();
    view.setData(data);
    // Another step begins where there is something to see; a change of settings leaves
    // the eye where it was.
    if (draw.key !== key) view.setWindow(d.from, Math.min(d.end, d.from + 200e6));
    else view.setWindow(before.from, before.to);
    draw.key = key;
    view.draw();
    if ($("shares").open) shares();
  }

  const shares = () => Tables.shares($("sharetable"), view, about.states.map((s) => ({ name: s.Name })));

  // complain shows what is wrong, with a way to each place.
  function complain(what, list) {
    const box = $("problems");
    const ul = make("ul");
    for (const p of list) {
      const li = make("li");
      if (p.line) {
        const button = make("button", `line ${p.line}, column ${p.col}`);
        button.type = "button";
        button.addEventListener("click", () => place(p.line, p.col));
        li.append(button, " ");
      }
      const setting = p.set && p.set.replace(/^--set /, "");
      li.append(make("span", p.text, "mono"));
      if (setting && state.set.some((s) => s.path + "=" + s.value === setting)) {
        const button = make("button", "take it back");
        button.type = "button";
        button.addEventListener("click", () => choose({ ...state, set: state.set.filter((s) => s.path + "=" + s.value !== setting) }));
        li.append(" ", button);
      }
      ul.append(li);
    }
    box.replaceChildren(make("p", what + ":"), ul);
    box.hidden = false;
  }

  // place puts the cursor of the editor where something is wrong.
  function place(line, col) {
    $("edit").open = true;
    const area = $("scenario"), lines = area.value.split("\n");
    let at = 0;
    for (let i = 0; i < line - 1 && i < lines.length; i++) at += lines[i].length + 1;
    // Columns count characters, positions the halves of some.
    at += Array.from(lines[line - 1] || "").slice(0, col - 1).join("").length;
    area.focus();
    area.setSelectionRange(at, at);
    area.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(area).lineHeight));
  }

  function same() {
    $("command").textContent = answer.command || "";
    const file = Boolean(answer.effective);
    $("how").textContent = !answer.command ? "" : file ? "With the scenario and its settings in a file:" : "The same figures, and more:";
    $("download").hidden = !file;
    const list = [];
    for (const b of answer.backends || []) {
      const dd = make("dd");
      dd.append(make("code", b.hash), ` ${b.events} events`);
      list.push(make("dt", b.name), dd);
    }
    $("hashes").replaceChildren(...list);
  }

  function save() {
    const a = make("a");
    a.href = URL.createObjectURL(new Blob([answer.effective], { type: "application/yaml" }));
    a.download = "mine.yaml";
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
  }

  // --- beginning -----------------------------------------------------------------------
  function go(delta) {
    const s = steps[steps.indexOf(step()) + delta];
    if (s) choose(fresh(s));
  }

  $("previous").addEventListener("click", () => go(-1));
  $("next").addEventListener("click", () => go(1));
  $("step").addEventListener("change", () => choose(fresh(steps.find((s) => s.name === $("step").value))));
  $("reset").addEventListener("click", () => choose(fresh(step())));
  $("cancel").addEventListener("click", () => {
    engine.cancel();
    clearTimeout(soon);
    $("waiting").hidden = true;
    if (ahead === null) $("found").classList.add("stale");
    $("status").textContent = ahead === null ? "Stopped. What is shown was predicted before." : "Stopped. The slowdowns are missing.";
    rest();
  });
  $("download").addEventListener("click", save);
  $("shares").addEventListener("toggle", () => { if ($("shares").open && view) shares(); });
  $("controls").addEventListener("submit", (e) => e.preventDefault());
  let typing = 0;
  $("scenario").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => choose({ ...state, text: $("scenario").value }, true), 250);
  });
  $("scenario").addEventListener("change", () => {
    clearTimeout(typing);
    if (state.text !== null || $("scenario").value !== answer.text) choose({ ...state, text: $("scenario").value });
  });
  addEventListener("popstate", arrive);
  addEventListener("hashchange", arrive);

  function begin(what) {
    about = what;
    $("engine").textContent = "Built with " + about.go + ".";
    steps = [...about.steps, ...about.others];
    for (const [label, list] of [["The article’s story", about.steps], ["Other scenarios", about.others]]) {
      const group = make("optgroup");
      group.label = label;
      list.forEach((s, i) => group.append(new Option(list === about.steps ? `${i + 1}. ${s.title}` : `${s.name}: ${s.title}`, s.name)));
      $("step").append(group);
    }
    seen = null;
    arrive();
  }

  let late = 0;
  const told = {
    ready: (what) => { if (about === null) begin(what); },
    started: () => {
      clearTimeout(late);
      clearTimeout(soon);
      ahead = null;
      late = setTimeout(() => {
        if (!engine.busy()) return;
        $("waiting").hidden = false;
        if (ahead !== null) return;
        $("found").classList.add("stale");
        if ($("progress").position < 0) $("status").textContent = "predicting …";
      }, 200);
      $("progress").removeAttribute("value");
    },
    run: (number, of, name) => {
      $("progress").max = of;
      $("progress").value = number - 1;
      const before = ahead === null ? "" : `Predicted in ${ahead} ms; now `;
      if (!$("waiting").hidden) $("status").textContent = `${before}predicting, run ${number} of ${of}: ${name}`;
    },
    early: (data, since) => {
      clearTimeout(soon);
      soon = setTimeout(() => show(data, since), little);
    },
    answer: (data, since) => {
      if (!engine.busy()) clearTimeout(late);
      show(data, since);
    },
    failed: (text) => {
      $("waiting").hidden = true;
      $("found").classList.add("stale");
      $("status").textContent = "";
      complain("The simulator cannot go on", [{ text }]);
      rest();
    },
  };

  async function load() {
    if (matchMedia("(max-width: 56rem)").matches) $("settings").open = false;
    if (location.protocol === "file:") {
      throw new Error("a browser runs the simulator only from a web server, and this page was opened as a file; `fibsim playground --serve` is one");
    }
    if (typeof WebAssembly === "undefined") throw new Error("this browser has no WebAssembly");
    $("status").textContent = "Loading the simulator …";
    const response = await fetch("fibsim.wasm");
    if (!response.ok) throw new Error("fibsim.wasm: the server answers " + response.status);
    const streams = (response.headers.get("Content-Type") || "").startsWith("application/wasm");
    const module = streams ? await WebAssembly.compileStreaming(response) : await WebAssembly.compile(await response.arrayBuffer());
    engine = Engine(module, told);
  }
  load().catch((e) => {
    $("status").textContent = "";
    complain("The simulator does not start", [{ text: String(e.message || e) }]);
  });
})();
