/* The loss of one unit over its two weights, without and with batch norm behind it. */
(function () {
  "use strict";
  const E = Explorables;
  // Twelve inputs (columns of mean 0), and a target that w = (1.5, 0.5) meets but for what REST adds.
  const U = [
    [1.2, 0.4], [-0.7, 1.1], [0.3, -1.3], [-1.6, -0.2], [0.9, 0.8], [-0.1, 0.5],
    [1.5, -0.6], [-0.8, -0.9], [0.4, 1.2], [-1.2, 0.3], [0.6, -0.4], [-0.5, -0.9],
  ];
  const REST = [0.1, -0.2, 0.1, 0.2, -0.1, 0.2, -0.1, -0.2, 0.1, -0.1, 0.2, -0.2];
  const M = U.length, SIDE = 3;  // the maps show both weights from -SIDE to SIDE
  const RAW = U.map(function (u, i) { return 1.5 * u[0] + 0.5 * u[1] + REST[i]; });
  const SPREAD = Math.sqrt(E.variance(RAW)), CENTRE = E.mean(RAW);
  const TARGET = RAW.map(function (value) { return (value - CENTRE) / SPREAD; });

  function output(w) { return U.map(function (u) { return w[0] * u[0] + w[1] * u[1]; }); }

  /* Loss and gradient, both with eps = 0. */
  function at(w, normed) {
    const x = output(w), mean = E.mean(x), r = 1 / Math.sqrt(E.variance(x));
    const y = normed ? x.map(function (value) { return (value - mean) * r; }) : x;
    const off = y.map(function (value, i) { return value - TARGET[i]; });
    const dy = off.map(function (value) { return 2 * value / M; });
    const shift = E.mean(dy), slope = E.mean(dy.map(function (value, i) { return value * y[i]; }));
    const dx = normed ? dy.map(function (value, i) { return r * (value - shift - y[i] * slope); }) : dy;
    return {
      loss: E.mean(off.map(function (value) { return value * value; })),
      gradient: [0, 1].map(function (k) { return E.sum(dx.map(function (value, i) { return value * U[i][k]; })); }),
    };
  }

  function weights(values) {
    const angle = values.angle * Math.PI / 180;
    return [values.length * Math.cos(angle), values.length * Math.sin(angle)];
  }

  function compute(values) {
    const w = weights(values), plain = at(w, false), normed = at(w, true);
    return {
      w: w, loss: plain.loss, gradient: plain.gradient, loss_norm: normed.loss, gradient_norm: normed.gradient,
      radial: normed.gradient[0] * w[0] + normed.gradient[1] * w[1],
    };
  }

  // The level lines are the same for all w: drawn once. Without batch norm they are ellipses around the best w.
  const turn = E.range(61).map(function (i) { const a = i * Math.PI / 30; return [Math.cos(a), Math.sin(a)]; });
  const SIZE = 160, place = function (w) { return [SIZE * (w[0] + SIDE) / (2 * SIDE), SIZE * (SIDE - w[1]) / (2 * SIDE)]; };
  const LEVELS = [0.1, 0.5, 1, 2, 3, 3.6];
  let lines = null;

  function levels() {
    if (lines) return lines;
    const moment = function (f) { return E.mean(U.map(f)); };
    const a = moment(function (u) { return u[0] * u[0]; }), b = moment(function (u) { return u[0] * u[1]; });
    const c = moment(function (u) { return u[1] * u[1]; });
    const p = moment(function (u, i) { return u[0] * TARGET[i]; }), q = moment(function (u, i) { return u[1] * TARGET[i]; });
    const best = [(c * p - b * q) / (a * c - b * b), (a * q - b * p) / (a * c - b * b)], least = at(best, false).loss;
    const ellipses = LEVELS.concat([6, 10]).filter(function (level) { return level > least; }).map(function (level) {
      return E.curve(turn.map(function (d) {
        const far = Math.sqrt((level - least) / (a * d[0] * d[0] + 2 * b * d[0] * d[1] + c * d[1] * d[1]));
        return place([best[0] + far * d[0], best[1] + far * d[1]]);
      }), "reference", { "stroke-dasharray": "none", "stroke-width": 1 });
    });
    const rays = [];
    const fine = E.range(721).map(function (i) {
      const angle = i * Math.PI / 360, d = [Math.cos(angle), Math.sin(angle)];
      return { d: d, loss: at(d, true).loss };
    });
    LEVELS.forEach(function (level) {
      for (let i = 1; i < fine.length; i += 1) {
        if ((fine[i - 1].loss - level) * (fine[i].loss - level) >= 0) continue;
        const d = fine[i].d, from = place([0.1 * d[0], 0.1 * d[1]]), to = place([5 * d[0], 5 * d[1]]);
        rays.push(E.line(from[0], from[1], to[0], to[1], "reference", { "stroke-dasharray": "none", "stroke-width": 1 }));
      }
    });
    lines = [ellipses.join(""), rays.join("")];
    return lines;
  }

  function map(left, title, inside, w, gradient) {
    const here = place(w), to = place([w[0] - gradient[0] / 4, w[1] - gradient[1] / 4]), middle = place([0, 0]);
    const edge = place([5 * w[0] / Math.hypot(w[0], w[1]), 5 * w[1] / Math.hypot(w[0], w[1])]);
    const long = Math.hypot(to[0] - here[0], to[1] - here[1]);
    return E.text(left, 14, title)
      + E.tag("svg", { x: left, y: 22, width: SIZE, height: SIZE, viewBox: "0 0 " + SIZE + " " + SIZE },
        inside + E.line(middle[0], middle[1], edge[0], edge[1], "x", { "stroke-width": 1, "stroke-dasharray": "2 4" })
        + E.mark(middle[0], middle[1], "reference", 2.5)
        + (long > 3 ? E.arrow(here[0], here[1], to[0], to[1], "gradient", { "stroke-width": 2.5, "stroke-dasharray": "none" }) : "")
        + E.mark(here[0], here[1], "x", 5)
        + E.tag("rect", { x: 0.5, y: 0.5, width: SIZE - 1, height: SIZE - 1, fill: "none", stroke: "currentColor" }));
  }

  function draw(values) {
    const found = compute(values), w = found.w;
    const low = E.panel({ box: [30, 226, 350, 314], x: [0, 3], y: [0, 16], xticks: [0, 1, 2, 3], yticks: [0, 8, 16],
      title: "loss along the dotted ray", xlabel: "length of w" });
    const along = function (normed) {
      return E.range(30).map(function (i) {
        const far = (i + 1) / 10, at_ = [w[0] / values.length * far, w[1] / values.length * far];
        return [low.X(far), low.Y(at(at_, normed).loss)];
      });
    };
    const lines = levels();
    return E.svg(352, [
      map(5, "without batch norm", lines[0], w, found.gradient), map(190, "with", lines[1], w, found.gradient_norm), low.frame,
      E.curve(along(false), "x"), E.curve(along(true), "x_hat"),
      E.mark(low.X(values.length), low.Y(found.loss), "x", 5), E.mark(low.X(values.length), low.Y(found.loss_norm), "x_hat", 5),
    ]);
  }

  function say(values) {
    const found = compute(values), size = function (g) { return E.number(Math.hypot(g[0], g[1])); };
    return "w at " + E.number(values.angle, 0) + " degrees, length " + E.number(values.length, 1) + ". Without: loss "
      + E.number(found.loss) + ", gradient of length " + size(found.gradient) + ". With: loss " + E.number(found.loss_norm)
      + ", gradient of length " + size(found.gradient_norm) + ", perpendicular to w.";
  }

  E.define("landscape", {
    controls: [
      { key: "angle", label: "direction of w, degrees", min: -175, max: 180, step: 5, start: 110 },
      { key: "length", label: "length of w", min: 0.2, max: 3, step: 0.1, start: 1 },
    ],
    compute: compute, draw: draw, say: say, inputs: U, target: TARGET,
  });
})();
