/* Batches drawn from 40 numbers: how far their means and variances stray, by the size of the batch. */
(function () {
  "use strict";
  const E = Explorables;
  const POPULATION = [
    3.1, 5.4, 0.2, 7.7, 4.0, 2.2, 9.8, 4.9, 1.5, 6.1, 3.6, -1.9, 5.0, 8.4, 2.9, 4.4, 0.9, 6.8, 3.3, 11.0,
    -0.6, 4.7, 2.5, 5.9, 7.1, 1.1, 3.9, -3.0, 6.4, 4.2, 2.0, 8.9, 5.6, 3.4, 0.6, 7.4, 4.5, 1.8, 5.2, 2.7,
  ];
  const COUNT = 60, LARGEST = 32;
  // Which number is drawn when: the generator of Park and Miller from a fixed start, with replacement.
  let state = 2026;
  const batches = E.range(COUNT).map(function () {
    return E.range(LARGEST).map(function () {
      state = state * 48271 % 2147483647;
      return POPULATION[state % POPULATION.length];
    });
  });
  const CENTRE = E.mean(POPULATION), SIGMA2 = E.variance(POPULATION);

  function compute(values) {
    const M = values.size, chosen = batches[values.batch - 1].slice(0, M);
    const means = batches.map(function (batch) { return E.mean(batch.slice(0, M)); });
    const vars = batches.map(function (batch) { return E.variance(batch.slice(0, M)); });
    const var_ = E.variance(chosen);
    return {
      mean: E.mean(chosen), var: var_, unbiased: M > 1 ? var_ * M / (M - 1) : null,
      means: means, vars: vars, spread: Math.sqrt(E.variance(means)), average_var: E.mean(vars),
    };
  }

  /* One small ring for each batch, at its statistic; the chosen one is a large disc. */
  function strip(frame, list, chosen, top, bottom, average, truth) {
    const height = function (k) { return top + 5 + (bottom - top - 12) * ((k * 23) % COUNT) / (COUNT - 1); };
    const rings = list.map(function (value, k) { return E.tag("circle", { cx: frame.X(value), cy: height(k), r: 2.8 }); });
    return frame.frame + E.line(frame.X(truth), top - 4, frame.X(truth), bottom, "reference")
      + E.tag("g", { fill: E.COLOUR.x, "fill-opacity": 0.3, stroke: E.COLOUR.x }, rings.join(""))
      + E.line(frame.X(average), top - 4, frame.X(average), bottom, "x", { "stroke-width": 1.5 })
      + E.mark(frame.X(list[chosen]), height(chosen), "x", 6, { stroke: "currentColor" });
  }

  function draw(values) {
    const found = compute(values), chosen = batches[values.batch - 1].slice(0, values.size);
    const top = E.panel({ box: [10, 26, 350, 74], x: [-4, 12], xticks: [-4, 0, 4, 8, 12],
      title: "the batch, of all 40 numbers (rings)" });
    const middle = E.panel({ box: [10, 122, 350, 174], x: [-4, 12], xticks: [-4, 0, 4, 8, 12],
      title: "mean of each of 60 batches" });
    const bottom = E.panel({ box: [10, 222, 350, 274], x: [0, 32], xticks: [0, 8, 16, 24, 32],
      title: "variance v of each of 60 batches" });
    const parts = [top.frame, E.line(top.X(CENTRE), 22, top.X(CENTRE), 74, "reference")];
    const rings = POPULATION.map(function (value) { return E.tag("circle", { cx: top.X(value), cy: 64, r: 3 }); });
    parts.push(E.tag("g", { fill: "none", stroke: E.COLOUR.reference }, rings.join("")));
    chosen.forEach(function (value, i) {
      const before = chosen.slice(0, i).filter(function (other) { return other === value; }).length;
      parts.push(E.mark(top.X(value), 52 - 4 * before, "x", 3.6, { "fill-opacity": 0.7 }));
    });
    const sd = Math.sqrt(found.var);
    parts.push(E.line(top.X(found.mean - sd), 34, top.X(found.mean + sd), 34, "x"));
    parts.push(E.line(top.X(found.mean), 26, top.X(found.mean), 42, "x", { "stroke-width": 3 }));
    parts.push(strip(middle, found.means, values.batch - 1, 122, 174, E.mean(found.means), CENTRE));
    parts.push(strip(bottom, found.vars, values.batch - 1, 222, 274, found.average_var, SIGMA2));
    return E.svg(294, parts);
  }

  function say(values) {
    const found = compute(values), M = values.size;
    return "Batch " + values.batch + ", M = " + M + ": mean " + E.number(found.mean) + ", variance v "
      + E.number(found.var) + (M > 1 ? ", unbiased " + E.number(found.unbiased) : ", unbiased 0/0")
      + ". Over all 60 batches the means have a standard deviation of " + E.number(found.spread)
      + ", and v is " + E.number(found.average_var) + " on average; the population has " + E.number(SIGMA2) + ".";
  }

  E.define("batch_size", {
    controls: [
      { key: "size", label: "batch size M", min: 1, max: LARGEST, step: 1, start: 4 },
      { key: "batch", label: "which batch", min: 1, max: COUNT, step: 1, start: 1 },
    ],
    compute: compute, draw: draw, say: say, batches: batches, population: POPULATION,
  });
})();
