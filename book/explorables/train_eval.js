/* Twenty-four samples of a channel, normalized in batches of M and by constants. */
(function () {
  "use strict";
  const E = Explorables;
  const X = [
    4.9, 1.2, 6.3, 3.4, 8.8, 2.6, 5.5, 0.4, 4.1, 7.2, 3.0, 5.9, 1.9, 6.8, 4.5, 2.3, 9.6, 3.8, 5.2, -0.8, 4.4, 7.7, 3.2, 5.0,
  ];
  const SIZES = [1, 2, 3, 4, 6, 8, 12, 24], STRIDES = [1, 5, 7, 11, 13, 17, 19, 23];  // without a factor of 24
  const EPS = 1e-5, OURS = 10;  // the sample that is followed
  const MEAN = E.mean(X), VAR = E.variance(X) * X.length / (X.length - 1);

  function trained(M, shuffle) {
    const order = E.range(X.length).map(function (i) { return i * STRIDES[shuffle] % X.length; });
    const y = X.slice();
    for (let from = 0; from < X.length; from += M) {
      const batch = order.slice(from, from + M);
      const values = batch.map(function (i) { return X[i]; });
      const mean = E.mean(values), r = 1 / Math.sqrt(E.variance(values) + EPS);
      batch.forEach(function (i) { y[i] = (X[i] - mean) * r; });
    }
    return y;
  }

  function compute(values) {
    const M = SIZES[values.size - 1], train = trained(M, values.shuffle - 1);
    const eval_ = X.map(function (value) { return (value - MEAN) / Math.sqrt(VAR + EPS); });
    const off = E.mean(train.map(function (value, i) { return (value - eval_[i]) * (value - eval_[i]); }));
    return {
      train: train, eval: eval_, rms: Math.sqrt(off),
      ours: STRIDES.map(function (_, shuffle) { return trained(M, shuffle)[OURS]; }),
    };
  }

  function draw(values) {
    const found = compute(values);
    const frame = E.panel({ box: [30, 24, 350, 216], x: [-2, 10], y: [-3, 3], xticks: [-2, 0, 2, 4, 6, 8, 10],
      yticks: [-3, -2, -1, 0, 1, 2, 3], title: "output (gamma 1, beta 0)", xlabel: "x of the sample" });
    const line = function (x) { return [frame.X(x), frame.Y((x - MEAN) / Math.sqrt(VAR + EPS))]; };
    const parts = [frame.frame, E.curve([line(-2), line(10)], "running", { "stroke-dasharray": "none" })];
    const gaps = found.train.map(function (value, i) {
      return E.tag("line", { x1: frame.X(X[i]), x2: frame.X(X[i]), y1: frame.Y(found.eval[i]), y2: frame.Y(value) });
    });
    parts.push(E.tag("g", { stroke: "currentColor", "stroke-opacity": 0.4 }, gaps.join("")));
    found.train.forEach(function (value, i) {
      parts.push(E.mark(frame.X(X[i]), frame.Y(value), "x_hat", i === OURS ? 7 : 4, i === OURS ? { stroke: "currentColor", "stroke-width": 2.5 } : {}));
    });
    // Where the followed sample comes out in each of the shufflings.
    found.ours.forEach(function (value) {
      parts.push(E.line(frame.X(X[OURS]) - 11, frame.Y(value), frame.X(X[OURS]) + 11, frame.Y(value), "x_hat", { "stroke-width": 1.5, "stroke-dasharray": "none" }));
    });
    return E.svg(256, parts);
  }

  function say(values) {
    const found = compute(values), low = Math.min.apply(null, found.ours), high = Math.max.apply(null, found.ours);
    return "Batches of " + SIZES[values.size - 1] + ": the sample x = " + E.number(X[OURS], 1) + " comes out at "
      + E.number(found.train[OURS]) + ", in the eight shufflings between " + E.number(low) + " and " + E.number(high)
      + "; evaluation always gives " + E.number(found.eval[OURS]) + ". The root mean square distance of all samples from the line is "
      + E.number(found.rms) + ".";
  }

  E.define("train_eval", {
    controls: [
      { key: "size", label: "batch size M", min: 1, max: SIZES.length, step: 1, start: 2, show: function (value) { return String(SIZES[value - 1]); } },
      { key: "shuffle", label: "shuffling", min: 1, max: STRIDES.length, step: 1, start: 2 },
    ],
    compute: compute, draw: draw, say: say, data: X, sizes: SIZES, strides: STRIDES,
  });
})();
