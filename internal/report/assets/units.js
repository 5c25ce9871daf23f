"use strict";
/* Units: figures with the unit that suits them, as the terminal shows them. */
const Units = (() => {
  const scales = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];

  // digits returns a number with three significant digits and no exponent.
  function digits(v) {
    if (v === 0 || !isFinite(v)) return String(v);
    const rounded = Number(v.toPrecision(3));
    const magnitude = Math.floor(Math.log10(Math.abs(rounded)));
    return rounded.toFixed(Math.max(0, 2 - magnitude));
  }

  // time returns a length of time given in ns.
  function time(ns) {
    if (ns === 0) return "0";
    const size = Math.abs(ns);
    for (const [scale, unit] of scales) {
      // The bound is where three digits would round up to this unit.
      if (size >= 0.9995 * scale || scale === 1) return digits(scale === 1 ? Math.round(ns) : ns / scale) + " " + unit;
    }
    return "";
  }

  // instant returns a point in time, so exact that points a step apart differ, in the
  // unit that suits a length.
  function instant(ns, step, length = step) {
    const [scale, unit] = scales.find(([s]) => length >= 0.1 * s) || scales[3];
    const decimals = Math.max(0, Math.ceil(-Math.log10(step / scale) - 1e-9));
    return (ns / scale).toFixed(Math.min(decimals, 9)) + " " + unit;
  }

  // stretch returns two instants, so exact that a thousandth of their distance shows.
  function stretch(from, to) {
    const at = (t) => instant(t, step((to - from) / 1000), to - from);
    return at(from) + " to " + at(to);
  }

  // step returns the least of 1, 2 and 5 times a power of ten that is not below v.
  function step(v) {
    const power = Math.pow(10, Math.floor(Math.log10(v)));
    return power * ([1, 2, 5, 10].find((m) => m * power >= v * (1 - 1e-9)));
  }

  const percent = (share) => (share > 0 && share < 0.005 ? "< 1 %" : Math.round(100 * share) + " %");

  return { digits, time, instant, stretch, step, percent };
})();
