"use strict";
/* Charts: the distribution of latencies and the throughput, drawn with uPlot in the
   colours of the page.

     Charts.spectrum(element, {grid, lines, interval, label})
     Charts.distribution(element, {grid, lines, interval, label})
     Charts.rates(element, {lines, label})

   lines = [{name, evidence, color, predicted, …}]; color is the name of a property of
   CSS; a distribution has value, low, high by share of grid, in ns; a rate has start,
   step in ns and values per second. interval: the switch interval in ns, or 0.
   Each replaces what was in the element and returns {destroy}.                       */
const Charts = (() => {
  const paper = 690; // pixels of width that a printed page has room for
  const dark = matchMedia("(prefers-color-scheme: dark)"), print = matchMedia("print");
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dash = [7, 5];
  const below = 28; // height of the labels of a horizontal axis
  const font = "12px system-ui, sans-serif";
  const shares = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999];
  const nines = (share) => -Math.log10(1 - share);
  const nameOf = (share) => Number((100 * share).toFixed(4)) + " %";

  // chart makes the elements and keeps a plot as wide as they are. Build returns the
  // options and the data of uPlot; read the text for a place of the cursor.
  function chart(element, label, lines, build, read) {
    const legend = document.createElement("ul"), place = document.createElement("div"), readout = document.createElement("p");
    legend.className = "legend";
    for (const line of lines) {
      const item = document.createElement("li"), swatch = document.createElement("span");
      swatch.className = line.predicted ? "line predicted" : "line";
      swatch.style.borderColor = `var(${line.color})`;
      item.append(swatch, `${line.name} (${line.evidence})`);
      legend.append(item);
    }
    place.className = "plot";
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", label + "; the same figures are in the table below");
    readout.className = "note readout";
    element.replaceChildren(legend, place, readout);
    const idle = "Point at the chart to read it; drag to enlarge a part, click twice for all.";
    readout.textContent = idle;
    let plot = null;
    const height = () => (element.clientWidth < 480 ? 250 : 320);
    const { options, data } = build();
    const show = (u) => {
      const i = u.cursor.idx;
      readout.textContent = i === null || i === undefined ? idle : read(u, i);
    };
    plot = new uPlot({
      width: element.clientWidth, height: height(), legend: { show: false },
      cursor: { points: { size: 6 } }, ...options,
      hooks: { ...options.hooks, setCursor: [show] },
    }, data, place);
    plot.root.querySelectorAll("canvas").forEach((c) => c.setAttribute("aria-hidden", "true"));
    const fit = () => {
      const width = print.matches ? paper : element.clientWidth;
      if (width > 0) plot.setSize({ width, height: height() });
    };
    const recolor = () => plot.redraw();
    const resized = new ResizeObserver(fit);
    resized.observe(element);
    const onPrint = () => {
      fit();
      recolor();
    };
    dark.addEventListener("change", recolor);
    print.addEventListener("change", onPrint);
    return {
      destroy() {
        resized.disconnect();
        dark.removeEventListener("change", recolor);
        print.removeEventListener("change", onPrint);
        plot.destroy();
      },
    };
  }

  const axis = (label, more) => ({
    label, labelFont: font, font, labelSize: 22, stroke: () => css("--muted"),
    grid: { stroke: () => css("--rule"), width: 1 }, ticks: { stroke: () => css("--rule"), width: 1, size: 4 }, ...more,
  });
  const series = (line, more) => ({
    label: line.name, stroke: () => css(line.color), width: 2, dash: line.predicted ? dash : undefined, points: { show: false }, ...more,
  });
  const faint = (line) => () => css(line.color) + "2e";

  // times labels decades of ns only, but for those that the filter leaves empty.
  const times = (u, list) => list.map((v) => (v === null ? "" : Units.time(v)));

  // mark draws the switch interval across the plot.
  function mark(interval, vertical) {
    return (u) => {
      if (!interval) return;
      const c = u.ctx, { left, top, width, height } = u.bbox;
      const at = u.valToPos(interval, vertical ? "x" : "y", true);
      if (vertical ? at < left || at > left + width : at < top || at > top + height) return;
      c.save();
      c.strokeStyle = c.fillStyle = css("--text");
      c.lineWidth = devicePixelRatio;
      c.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
      c.beginPath();
      c.moveTo(vertical ? at : left, vertical ? top : at);
      c.lineTo(vertical ? at : left + width, vertical ? top + height : at);
      c.stroke();
      c.font = 11 * devicePixelRatio + "px system-ui, sans-serif";
      const text = "switch interval " + Units.time(interval), pad = 4 * devicePixelRatio, long = c.measureText(text).width;
      c.textAlign = "left";
      c.textBaseline = vertical ? "top" : "bottom";
      if (vertical) c.fillText(text, at - pad - long < left ? at + pad : at - pad - long, top + pad);
      else c.fillText(text, left + width - long - pad, at - pad / 2);
      c.restore();
    };
  }

  function spectrum(element, { grid, lines, interval, label }) {
    const longest = Math.max(2, ...lines.map((l) => l.value.length));
    const x = grid.slice(0, longest).map(nines);
    const ticks = shares.map(nines);
    const column = (list) => x.map((_, i) => (list[i] > 0 ? list[i] : null));
    const build = () => {
      const data = [x], all = [{}], bands = [];
      for (const line of lines) {
        const at = data.length;
        data.push(column(line.value), column(line.low), column(line.high));
        all.push(series(line), { width: 0, points: { show: false } }, { width: 0, points: { show: false } });
        bands.push({ series: [at + 2, at + 1], fill: faint(line) });
      }
      return {
        data,
        options: {
          scales: { x: { time: false }, y: { distr: 3 } }, series: all, bands,
          axes: [
            axis("percentile of iterations (%)", {
              size: below,
              splits: (u) => ticks.filter((t) => t >= u.scales.x.min - 1e-9 && t <= u.scales.x.max + 1e-9),
              values: (u, list) => list.map((t) => nameOf(1 - Math.pow(10, -t))),
            }),
            axis("latency (log scale)", { values: times, size: 62 }),
          ],
          hooks: { draw: [mark(interval, false)] },
        },
      };
    };
    const read = (u, i) => nameOf(grid[i]) + " of the iterations are within: " + lines.map((l) => `${l.name} ${l.value[i] === undefined
      ? "– (too few)" : Units.time(l.value[i]) + " [" + Units.time(l.low[i]) + ", " + Units.time(l.high[i]) + "]"}`).join(", ");
    return chart(element, label, lines, build, read);
  }

  function distribution(element, { grid, lines, interval, label }) {
    const build = () => {
      const tables = lines.map((line) => {
        const at = new Map(); // of equal latencies the largest share counts
        line.value.forEach((v, i) => v > 0 && at.set(v, 100 * grid[i]));
        return [[...at.keys()], [...at.values()]];
      });
      return {
        data: uPlot.join(tables),
        options: {
          scales: { x: { time: false, distr: 3 }, y: { range: [0, 100] } },
          series: [{}, ...lines.map((line) => series(line, { spanGaps: true }))],
          axes: [
            axis("latency (log scale)", { values: times, space: 60, size: below }),
            axis("iterations within (%)", { size: 44 }),
          ],
          hooks: { draw: [mark(interval, true)] },
        },
      };
    };
    const within = (line, ns) => {
      let i = -1;
      while (i + 1 < line.value.length && line.value[i + 1] <= ns) i++;
      return i < 0 ? "none" : Number((100 * grid[i]).toPrecision(3)) + " %";
    };
    const read = (u, i) => "Within " + Units.time(u.data[0][i]) + ": " + lines.map((l) => l.name + " " + within(l, u.data[0][i])).join(", ");
    return chart(element, label, lines, build, read);
  }

  function rates(element, { lines, label }) {
    const build = () => {
      const longest = lines.reduce((a, b) => (b.values.length > a.values.length ? b : a), { values: [], start: 0, step: 1 });
      return {
        data: [longest.values.map((_, i) => (longest.start + i * longest.step) / 1e9), ...lines.map((l) => l.values)],
        options: {
          scales: { x: { time: false }, y: { range: (u, low, high) => [0, high > 0 ? 1.05 * high : 1] } },
          series: [{}, ...lines.map((line) => series(line, { paths: uPlot.paths.stepped({ align: 1 }) }))],
          axes: [axis("time since the start of the warm-up (s)", { size: below }), axis("iterations per second (1/s)", { size: 58 })],
        },
      };
    };
    const read = (u, i) => "From " + Units.time(u.data[0][i] * 1e9) + " on: " + lines.map((l) => `${l.name} ${Units.digits(l.values[i] || 0)}/s`).join(", ");
    return chart(element, label, lines, build, read);
  }

  return { spectrum, distribution, rates };
})();
