"use strict";
/* Tables: the figures of a chart as a table, for those who read rather than look. */
const Tables = (() => {
  // fill puts a table into an element: titles, and rows of text whose first labels
  // are headings of their row.
  function fill(element, titles, labels, rows, caption) {
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    titles.forEach((title, i) => {
      const th = document.createElement("th");
      th.scope = "col";
      th.textContent = title;
      if (i < labels) th.className = "label";
      head.append(th);
    });
    const body = table.createTBody();
    for (const row of rows) {
      const tr = body.insertRow();
      row.forEach((text, i) => {
        const cell = document.createElement(i < labels ? "th" : "td");
        if (i < labels) cell.scope = "row";
        cell.textContent = text;
        tr.append(cell);
      });
    }
    const scroll = document.createElement("div");
    scroll.className = "scroll";
    scroll.tabIndex = 0;
    scroll.append(table);
    // Beside the table rather than in it, which may be wider than the window.
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = caption;
    element.replaceChildren(note, scroll);
  }

  // shares shows what each lane of a timeline did in its window.
  function shares(element, view, states) {
    const { from, to } = view.window();
    const rows = [];
    for (const lane of view.shares()) {
      const share = (name) => lane.parts.find((p) => p.name === name)?.share || 0;
      if (lane.kind === "hold") {
        const held = lane.parts.filter((p) => p.share > 0).sort((a, b) => b.share - a.share);
        const text = held.slice(0, 3).map((p) => p.name + " " + Units.percent(p.share) + ", ").join("");
        rows.push([lane.root, `${lane.lane}: ${text}${lane.handoffs} hand-offs, ${lane.forced} forced`, ...states.map(() => ""), ""]);
        continue;
      }
      if (lane.kind === "count") {
        rows.push([lane.root, `waiters: ${Units.digits(lane.mean)} on average, at most ${lane.most}`, ...states.map(() => ""), ""]);
        continue;
      }
      rows.push([lane.root, lane.lane, ...states.map((s) => (share(s.name) > 0 ? Units.percent(share(s.name)) : "–")),
        lane.wait > 0 ? Units.time(lane.wait) : "–"]);
    }
    fill(element, ["backend", "lane", ...states.map((s) => s.name), "longest wait"], 2, rows,
      `Shares of the window from ${Units.stretch(from, to)}; longest wait: of those for the lock that touch it; of a task, behind others`);
  }

  return { fill, shares };
})();
