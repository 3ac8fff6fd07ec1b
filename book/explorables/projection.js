/* What a straight line explains of dy is taken away; what is left is dx. */
(function () {
  "use strict";
  const E = Explorables;
  const X = [-2.4, -1.2, -0.8, -0.4, 0.4, 0.8, 1.2, 2.4];  // mean 0, variance 2
  const REST = [0.4, 0.1, -0.9, 0.2, 1, -0.7, -0.7, 0.6];  // perpendicular to the constants and to X

  function compute(values) {
    const dy = REST.map(function (value, i) { return value + values.constant + values.slope * X[i]; });
    const mean = E.mean(X), v = E.variance(X), r = 1 / Math.sqrt(v + values.eps);
    const x_hat = X.map(function (value) { return (value - mean) * r; });
    const dbeta = E.sum(dy), dgamma = E.sum(dy.map(function (value, i) { return value * x_hat[i]; }));
    const M = X.length;
    const line = x_hat.map(function (value) { return dbeta / M + value * dgamma / M; });
    const left = dy.map(function (value, i) { return value - line[i]; });
    const square = function (list) { return E.sum(list.map(function (value) { return value * value; })); };
    // Lengths along 1, along x_hat, and across both: of dy, and of what is left of it.
    const along = dgamma / Math.sqrt(square(x_hat));
    const share = values.eps / (v + values.eps);
    const across = Math.sqrt(Math.max(square(dy) - dbeta * dbeta / M - along * along, 0));
    return {
      dy: dy, line: line, left: left, dx: left.map(function (value) { return r * value; }), dbeta: dbeta, dgamma: dgamma,
      before: [Math.abs(dbeta) / Math.sqrt(M), Math.abs(along), across],
      after: [0, Math.abs(along) * share, across], share: share,
    };
  }

  function draw(values) {
    const found = compute(values), parts = [];
    const axis = { x: [-2.8, 2.8], xticks: [-2, -1, 0, 1, 2], yticks: [-4, 0, 4] };
    const top = E.panel(Object.assign({ box: [30, 22, 350, 122], y: [-5, 5], title: "dy, and the line taken away" }, axis));
    const low = E.panel(Object.assign({ box: [30, 168, 350, 234], y: [-3, 3], title: "what is left: dx / (gamma r), against x" },
      axis, { yticks: [-2, 0, 2] }));
    parts.push(top.frame, low.frame, E.line(30, low.Y(0), 350, low.Y(0), "reference", { "stroke-width": 1 }));
    parts.push(E.curve([0, 7].map(function (i) { return [top.X(X[i]), top.Y(found.line[i])]; }), "x_hat"));
    const thin = { "stroke-width": 1.5, "stroke-dasharray": "none" };
    X.forEach(function (x, i) {
      parts.push(
        E.line(top.X(x), top.Y(found.line[i]), top.X(x), top.Y(found.dy[i]), "gradient", thin),
        E.mark(top.X(x), top.Y(found.dy[i]), "gradient", 4, { fill: "none" }),
        E.line(low.X(x), low.Y(0), low.X(x), low.Y(found.left[i]), "gradient", thin),
        E.mark(low.X(x), low.Y(found.left[i]), "gradient", 4)
      );
    });
    parts.push(E.text(2, 276, "length of dy (outline), and what passes (full)"));
    ["constant", "along x_hat", "the rest"].forEach(function (words, i) {
      const y = 286 + 22 * i, wide = function (value) { return Math.min(value, 11) / 11 * 255; };
      parts.push(
        E.text(2, y + 12, words),
        E.tag("rect", { x: 92, y: y + 1, width: wide(found.before[i]), height: 13, fill: "none", stroke: E.COLOUR.gradient, "stroke-width": 1.5 }),
        E.tag("rect", { x: 92, y: y + 1, width: wide(found.after[i]), height: 13, fill: E.COLOUR.gradient })
      );
    });
    return E.svg(356, parts);
  }

  function say(values) {
    const found = compute(values);
    return "Lengths in dy: constant " + E.number(found.before[0]) + ", along x_hat " + E.number(found.before[1])
      + ", the rest " + E.number(found.before[2]) + ". In dx, divided by gamma r: 0.00, " + E.number(found.after[1]) + ", "
      + E.number(found.after[2]) + ". Of the part along x_hat " + E.number(100 * found.share, 0) + " % pass.";
  }

  E.define("projection", {
    controls: [
      { key: "constant", label: "add to all of dy", min: -2, max: 2, step: 0.25, start: 1 },
      { key: "slope", label: "add a multiple of x to dy", min: -1.5, max: 1.5, step: 0.25, start: 1 },
      { key: "eps", label: "eps (the variance v is 2)", min: 0, max: 4, step: 0.25, start: 0 },
    ],
    compute: compute, draw: draw, say: say, x: X,
  });
})();
