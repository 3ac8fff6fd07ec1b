/* One channel, normalized with eps inside the root and with eps outside it, by its variance. */
(function () {
  "use strict";
  const E = Explorables;
  // Mean 0; divided by its own standard deviation below, so that the channel has just the variance asked for.
  const SHAPE = [-1.7, -1.0, -0.7, -0.2, 0.2, 0.6, 1.1, 1.7];
  const UNIT = Math.sqrt(E.variance(SHAPE));

  function compute(values) {
    const v = Math.pow(10, values.log_var), eps = Math.pow(10, values.log_eps);
    const x = SHAPE.map(function (z) { return z / UNIT * Math.sqrt(v); });
    const inside = 1 / Math.sqrt(v + eps), outside = 1 / (Math.sqrt(v) + eps);
    const times = function (gain) { return function (value) { return value * gain; }; };
    return {
      x: x, x_hat: x.map(times(inside)), x_hat_outside: x.map(times(outside)), gain: inside, gain_outside: outside,
      var_x_hat: v * inside * inside, var_outside: v * outside * outside,
    };
  }

  function draw(values) {
    const found = compute(values), eps = Math.pow(10, values.log_eps);
    const parts = [];
    const rows = [["x", "x", "x"], ["x_hat", "x_hat", "x_hat"], ["eps outside", "x_hat_outside", "wrong"]];
    const X = E.panel({ box: [96, 0, 350, 96], x: [-2, 2], xticks: [-2, -1, 0, 1, 2] });
    parts.push(X.frame, E.line(X.X(0), 6, X.X(0), 96, "reference", { "stroke-width": 1 }));
    rows.forEach(function (row, i) {
      const y = 20 + 29 * i;
      parts.push(E.text(2, y + 4, row[0]), E.line(96, y, 350, y, "ink", { "stroke-width": 1, "stroke-opacity": 0.3 }));
      found[row[1]].forEach(function (value) {
        parts.push(E.mark(X.X(value), y, row[2], 4.5, row[2] === "wrong" ? {} : { "fill-opacity": 0.6 }));
      });
    });
    const below = E.panel({
      box: [36, 150, 350, 262], x: [-10, 1], y: [0, 1], xticks: [-10, -8, -6, -4, -2, 0], yticks: [0, 0.5, 1],
      xtext: function (t) { return E.short(Math.pow(10, t)); }, ytext: String,
      title: "variance of x_hat", xlabel: "variance v of the channel (large marks: now)",
    });
    const log_v = E.range(111).map(function (i) { return -10 + i / 10; });
    const path = function (share) {
      return log_v.map(function (l) { return [below.X(l), below.Y(share(Math.pow(10, l)))]; });
    };
    const at = below.X(values.log_eps);
    parts.push(
      below.frame, E.line(at, 150, at, 262, "reference"),
      values.log_eps > -2 ? E.text(at - 4, 258, "v = eps", { "text-anchor": "end" }) : E.text(at + 4, 258, "v = eps"),
      E.curve(path(function (v) { const s = Math.sqrt(v) / (Math.sqrt(v) + eps); return s * s; }), "wrong"),
      E.curve(path(function (v) { return v / (v + eps); }), "x_hat"),
      E.mark(below.X(values.log_var), below.Y(found.var_outside), "wrong", 5),
      E.mark(below.X(values.log_var), below.Y(found.var_x_hat), "x_hat", 6, { "fill-opacity": 0.3 })
    );
    return E.svg(300, parts);
  }

  function gain(value) { return E.number(value, value < 10 ? 2 : 0); }

  function say(values) {
    const found = compute(values), v = Math.pow(10, values.log_var), eps = Math.pow(10, values.log_eps);
    return "v = " + E.short(v) + ", eps = " + E.short(eps) + ": the variance of x_hat is " + E.number(found.var_x_hat, 3)
      + ", the gain " + gain(found.gain) + ". With eps outside the root they would be "
      + E.number(found.var_outside, 3) + " and " + gain(found.gain_outside) + ".";
  }

  const power = function (value) { return E.short(Math.pow(10, value)); };
  E.define("eps", {
    controls: [
      { key: "log_var", label: "variance v", min: -10, max: 0, step: 0.5, start: -5, show: power },
      { key: "log_eps", label: "eps", min: -8, max: 0, step: 0.5, start: -5, show: power },
    ],
    compute: compute, draw: draw, say: say,
  });
})();
