/* The graph of batch norm for one channel of six samples: each node with its value and its gradient. */
(function () {
  "use strict";
  const E = Explorables;
  const X = [3, 0, 5, 2, 0, 2], DY = [0, -1, 2, 0, 0, 1], BETA = 1, EPS = 1;  // chapter 4, first channel
  const M = X.length, THIRD = 2;

  function compute(values) {
    const x = X.slice(), dy = DY.slice();
    x[THIRD] = values.x3;
    dy[THIRD] = values.dy3;
    const mean = E.mean(x), v = E.variance(x), r = 1 / Math.sqrt(v + EPS);
    const each = function (f) { return x.map(function (_, i) { return f(i); }); };
    const x_hat = each(function (i) { return (x[i] - mean) * r; });
    const y = each(function (i) { return values.gamma * x_hat[i] + BETA; });
    const dx_hat = each(function (i) { return values.gamma * dy[i]; });
    const dvar = -0.5 * r * r * r * E.sum(each(function (i) { return dx_hat[i] * (x[i] - mean); }));
    const dmean = -r * E.sum(dx_hat);
    const straight = each(function (i) { return r * dx_hat[i]; });
    const by_var = each(function (i) { return dvar * 2 * (x[i] - mean) / M; });
    const dx = each(function (i) { return straight[i] + by_var[i] + dmean / M; });
    return {
      x: x, dy: dy, mean: mean, var: v, x_hat: x_hat, y: y, gamma: values.gamma, beta: BETA,
      dbeta: E.sum(dy), dgamma: E.sum(each(function (i) { return dy[i] * x_hat[i]; })),
      dx_hat: dx_hat, dvar: dvar, dmean: dmean, dx: dx, straight: straight, by_var: by_var, by_mean: dmean / M,
    };
  }

  const tidy = function (value) { return E.number(value).replace(/\.?0+$/, ""); };
  // Which step of the backward pass gives a gradient.
  const STEP = { y: 0, beta: 1, gamma: 1, x_hat: 2, var: 3, mean: 4, x: 5 };
  const NOW = ["dy, which is given", "dbeta and dgamma", "dx_hat", "dvar", "dmean", "dx"];

  function draw(values) {
    const found = compute(values), parts = [];
    const box = function (left, top, width, name) {
      const now = STEP[name] === values.step;
      return E.tag("rect", {
        x: left, y: top, width: width, height: 42, rx: 5, fill: "none",
        stroke: now ? E.COLOUR.gradient : "currentColor", "stroke-width": now ? 3 : 1,
      });
    };
    // Gradients are in their colour, and in italics, so that they stand apart without it.
    const grad = { fill: E.COLOUR.gradient, "font-style": "italic", "font-weight": 600 };
    const row = function (top, name) {
      parts.push(box(1, top, 358, name), E.text(7, top + 17, name));
      if (values.step >= STEP[name]) parts.push(E.text(7, top + 35, "d" + name, grad));
      found[name].forEach(function (value, i) {
        const at = { "text-anchor": "end" }, right = 96 + 51 * i;
        parts.push(E.text(right, top + 17, tidy(value), at));
        if (values.step >= STEP[name]) parts.push(E.text(right, top + 35, tidy(found["d" + name][i]), Object.assign({}, at, grad)));
      });
    };
    const cell = function (left, top, name) {
      parts.push(box(left, top, 108, name), E.text(left + 6, top + 17, name + " = " + tidy(found[name])));
      if (values.step >= STEP[name]) parts.push(E.text(left + 6, top + 35, "d" + name + " = " + tidy(found["d" + name]), grad));
    };
    row(1, "x");
    cell(1, 79, "mean");
    cell(251, 79, "var");
    row(157, "x_hat");
    cell(1, 235, "gamma");
    cell(251, 235, "beta");
    row(313, "y");
    const solid = { "stroke-dasharray": "none" };
    parts.push(
      E.arrow(180, 44, 180, 156, "ink"),  // straight
      E.arrow(55, 44, 55, 78, "ink", { "stroke-dasharray": "7 3 2 3" }), E.arrow(55, 122, 55, 156, "ink", { "stroke-dasharray": "7 3 2 3" }),
      E.arrow(305, 44, 305, 78, "ink", { "stroke-dasharray": "6 4" }), E.arrow(305, 122, 305, 156, "ink", { "stroke-dasharray": "6 4" }),
      E.arrow(180, 200, 180, 312, "ink", solid), E.arrow(55, 278, 55, 312, "ink", solid), E.arrow(305, 278, 305, 312, "ink", solid)
    );
    if (values.step === 5) {  // what each path brings to dx of the third sample
      parts.push(E.text(63, 66, tidy(found.by_mean), grad), E.text(188, 105, tidy(found.straight[THIRD]), grad));
      parts.push(E.text(297, 66, tidy(found.by_var[THIRD]), Object.assign({ "text-anchor": "end" }, grad)));
    }
    return E.svg(357, parts);
  }

  function say(values) {
    const found = compute(values);
    if (values.step < 5) return "Step " + values.step + " of 5: " + NOW[values.step] + ".";
    return "Step 5 of 5: dx. For the third sample: straight " + tidy(found.straight[THIRD]) + ", through the variance "
      + tidy(found.by_var[THIRD]) + ", through the mean " + tidy(found.by_mean) + "; together " + tidy(found.dx[THIRD])
      + ". The six entries of dx add up to " + tidy(E.sum(found.dx)) + ".";
  }

  E.define("backward_graph", {
    controls: [
      { key: "step", label: "backward, up to step", min: 0, max: 5, step: 1, start: 5 },
      { key: "x3", label: "x of the third sample", min: -2, max: 10, step: 0.5, start: 5 },
      { key: "dy3", label: "dy of the third sample", min: -4, max: 4, step: 0.5, start: 2 },
      { key: "gamma", label: "gamma", min: -6, max: 6, step: 1, start: 6 },
    ],
    compute: compute, draw: draw, say: say,
  });
})();
