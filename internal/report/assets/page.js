"use strict";
/* Page: puts the charts and the timeline of each section where the page has a place
   for them, for the variant and the group that the reader chose. */
(async () => {
  const page = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;

  function charts(section, data) {
    const choice = (name) => section.querySelector(`select[name=${name}]`)?.value;
    const place = (name) => section.querySelector(`[data-chart=${name}]`);
    let drawn = [];
    function draw() {
      drawn.forEach((c) => c.destroy());
      const variant = choice("variant") ?? data.variants[0], group = choice("group") ?? data.groups[0];
      const here = (list) => list.filter((c) => c.variant === variant && c.group === group)
        .map((c) => ({ ...c, ...data.backends.find((b) => b.name === c.backend) }));
      const lines = here(data.curves).filter((c) => c.value.length > 0);
      const of = `${group}${variant ? ", variant " + variant : ""}: `;
      const interval = data.intervals[variant] || 0;
      section.querySelectorAll("[data-of]").forEach((e) => { e.textContent = of.slice(0, -2); });
      const say = (name, text) => {
        const p = document.createElement("p");
        p.className = "note";
        p.textContent = text;
        place(name).replaceChildren(p);
      };
      drawn = [];
      if (lines.length > 0) {
        drawn.push(Charts.spectrum(place("spectrum"), { grid: page.grid, lines, interval, label: of + "latency by percentile" }));
        drawn.push(Charts.distribution(place("distribution"), { grid: page.grid, lines, interval, label: of + "share of iterations by latency" }));
      } else {
        const few = "Too few iterations: 10 must lie beyond a percentile. A longer run has more.";
        say("spectrum", few);
        say("distribution", few);
      }
      const rates = here(data.rates);
      if (rates.length > 0) drawn.push(Charts.rates(place("rates"), { lines: rates, label: of + "throughput over time" }));
      else say("rates", "No iteration ended in the window.");
    }
    section.querySelectorAll(".choices.of-charts select").forEach((s) => s.addEventListener("change", draw));
    draw();
  }

  function timeline(section, list) {
    const place = section.querySelector("[data-chart=timeline]"), table = section.querySelector("[data-table=timeline]");
    const variants = section.querySelector("select[name=run]"), reps = section.querySelector("select[name=rep]");
    const has = (variant, rep) => list.find((d) => (!variants || d.variant === variant) && (!reps || String(d.rep) === rep));
    // A repetition that was not made, as the run was stopped, cannot be chosen.
    function chosen() {
      const variant = variants?.value;
      for (const o of reps?.options ?? []) o.disabled = !has(variant, o.value);
      if (reps?.selectedOptions[0].disabled) reps.value = [...reps.options].find((o) => !o.disabled).value;
      return has(variant, reps?.value);
    }
    const window = (data) => ({ from: data.window[0], to: data.window[1] });
    let rest = 0;
    const tell = () => {
      clearTimeout(rest);
      rest = setTimeout(() => table.parentElement.open && Tables.shares(table, view, page.states), 150);
    };
    const view = Timeline(place, chosen(), {
      states: page.states, window: window(chosen()), onWindow: tell,
      label: "Timeline of the threads. Arrow keys move, plus and minus zoom, 0 shows all. The table below tells the shares of what is seen.",
    });
    place.view = view;
    table.parentElement.addEventListener("toggle", tell);
    variants?.addEventListener("change", () => {
      const data = chosen(), { from, to } = window(data);
      view.setData(data);
      view.setWindow(from, to);
    });
    reps?.addEventListener("change", () => { // the same stretch of another run
      const { from, to } = view.window();
      view.setData(chosen());
      view.setWindow(from, to);
    });
    view.draw();
  }

  const sections = [...document.querySelectorAll("section.results")];
  sections.forEach((section, i) => page.sections[i].groups.length > 0 && charts(section, page.sections[i]));
  const lanes = document.getElementById("lanes");
  if (lanes) {
    const having = sections.map((section, i) => [section, page.sections[i].timelines]).filter(([, list]) => list);
    try {
      await Packed.timelines(having.flatMap(([, list]) => list), lanes.textContent);
      having.forEach(([section, list]) => section.querySelector("[data-chart=timeline]") && timeline(section, list));
    } catch (e) {
      document.querySelectorAll("[data-chart=timeline]").forEach((p) => { p.textContent = "The timeline cannot be shown: " + e.message; });
      console.error(e);
    }
  }
  root.dataset.ready = "yes";
  performance.mark("ready");
})();
