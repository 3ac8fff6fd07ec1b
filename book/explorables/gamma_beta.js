/* Seven samples of a channel on three number lines: x, x_hat, y. */
(function () {
  "use strict";
  const E = Explorables;
  const SHAPE = [-1.6, -1.1, -0.5, -0.1, 0.4, 1.0, 1.9];
  const EPS = 1e-5;

  function compute(values) {
    const x = SHAPE.map(function (z) { return values.stretch * z + values.shift; });
    const mean = E.mean(x), v = E.variance(x), r = 1 / Math.sqrt(v + EPS);
    const x_hat = x.map(function (value) { return (value - mean) * r; });
    const y = x_hat.map(function (value) { return values.gamma * value + values.beta; });
    return { x: x, x_hat: x_hat, y: y, mean_x: mean, sd_x: Math.sqrt(v), mean_y: E.mean(y), sd_y: Math.sqrt(E.variance(y)) };
  }

  function draw(values) {
    const found = compute(values);
    const lines = E.panel({ box: [44, 0, 350, 232], x: [-8, 8], xticks: [-8, -4, 0, 4, 8] });
    const parts = [lines.frame, E.line(lines.X(0), 8, lines.X(0), 232, "reference", { "stroke-width": 1 })];
    const rows = [["x", 34], ["x_hat", 116], ["y", 198]];
    const joins = function (from, to) {
      const paths = found.x.map(function (_, i) {
        return E.tag("line", { x1: lines.X(found[from[0]][i]), y1: from[1], x2: lines.X(found[to[0]][i]), y2: to[1] });
      });
      return E.tag("g", { stroke: "currentColor", "stroke-opacity": 0.4, "stroke-width": 1 }, paths.join(""));
    };
    parts.push(joins(rows[0], rows[1]), joins(rows[1], rows[2]));
    rows.forEach(function (row) {
      const y = row[1], list = found[row[0]], mean = E.mean(list), sd = Math.sqrt(E.variance(list));
      parts.push(E.line(44, y, 350, y, "ink", { "stroke-width": 1, "stroke-opacity": 0.3 }), E.text(2, y + 4, row[0]));
      list.forEach(function (value) { parts.push(E.mark(lines.X(value), y, row[0], 5, { "fill-opacity": 0.7 })); });
      // Above each line: the mean, and one standard deviation to either side.
      parts.push(
        E.line(lines.X(mean - sd), y - 16, lines.X(mean + sd), y - 16, row[0], { "stroke-dasharray": "none" }),
        E.line(lines.X(mean), y - 22, lines.X(mean), y - 10, "ink", { "stroke-width": 3 })
      );
    });
    return E.svg(254, parts);
  }

  function say(values) {
    const found = compute(values);
    return "x has mean " + E.number(found.mean_x) + " and standard deviation " + E.number(found.sd_x)
      + "; x_hat 0.00 and 1.00; y " + E.number(found.mean_y) + " and " + E.number(found.sd_y)
      + ", from gamma = " + E.number(values.gamma) + " and beta = " + E.number(values.beta) + ".";
  }

  E.define("gamma_beta", {
    controls: [
      { key: "shift", label: "shift all x", min: -4, max: 4, step: 0.5, start: -3 },
      { key: "stretch", label: "stretch all x", min: 0.25, max: 2, step: 0.25, start: 2 },
      { key: "gamma", label: "gamma", min: -2, max: 2, step: 0.25, start: 1.5 },
      { key: "beta", label: "beta", min: -3, max: 3, step: 0.5, start: 2 },
    ],
    compute: compute, draw: draw, say: say,
  });
})();
