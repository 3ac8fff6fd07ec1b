/* The running average of 40 batch means, and what each batch weighs in it. */
(function () {
  "use strict";
  const E = Explorables;
  // Batch means: around 4 up to batch 24, then around 8.
  const B = [
    4.6, 3.1, 4.9, 2.8, 4.2, 5.3, 3.6, 4.1, 2.9, 4.8, 3.9, 5.0, 3.3, 4.4, 4.0, 3.0, 5.1, 4.3, 3.7, 2.7, 4.7, 4.5, 3.5, 4.6,
    8.7, 7.2, 8.1, 9.1, 7.5, 8.4, 7.0, 8.9, 7.8, 8.2, 7.3, 9.0, 8.0, 7.6, 8.6, 7.9,
  ];
  const CHANGE = 24, LEVELS = [4, 8];

  function compute(values) {
    const m = values.momentum;
    const path = [values.start];
    B.forEach(function (b) { path.push((1 - m) * path[path.length - 1] + m * b); });
    const weights = E.range(values.read).map(function (i) { return m * Math.pow(1 - m, values.read - 1 - i); });
    return {
      path: path, value: path[values.read], weights: weights, start_weight: Math.pow(1 - m, values.read),
      window: (2 - m) / m, half_life: m < 1 ? Math.log(0.5) / Math.log(1 - m) : 0,
    };
  }

  function draw(values) {
    const found = compute(values), t = values.read;
    const axis = { x: [0, 40], xticks: [0, 10, 20, 30, 40] };
    const top = E.panel(Object.assign({ box: [30, 24, 350, 150], y: [-4, 12], yticks: [-4, 0, 4, 8, 12],
      title: "batch means (discs), their running average (line)" }, axis));
    const most = Math.max(found.start_weight, Math.max.apply(null, found.weights));
    const roof = [0.05, 0.1, 0.2, 0.5, 1].filter(function (value) { return value >= most - 1e-12; })[0];
    const low = E.panel(Object.assign({ box: [30, 196, 350, 266], y: [0, roof], yticks: [0, roof], ytext: String,
      title: "weight of each batch; at 0, ring: of the start", xlabel: "batch" }, axis));
    const parts = [top.frame, low.frame];
    parts.push(E.line(top.X(0), top.Y(LEVELS[0]), top.X(CHANGE + 0.5), top.Y(LEVELS[0]), "reference"));
    parts.push(E.line(top.X(CHANGE + 0.5), top.Y(LEVELS[1]), top.X(40), top.Y(LEVELS[1]), "reference"));
    const discs = B.map(function (b, i) { return E.tag("circle", { cx: top.X(i + 1), cy: top.Y(b), r: 2.6 }); });
    parts.push(E.tag("g", { fill: E.COLOUR.x }, discs.join("")));
    parts.push(E.curve(found.path.map(function (R, i) { return [top.X(i), top.Y(R)]; }), "running", { "stroke-dasharray": "none" }));
    parts.push(E.line(top.X(t), 24, top.X(t), 150, "ink", { "stroke-width": 1 }));
    parts.push(E.mark(top.X(t), top.Y(found.value), "running", 6, { stroke: "currentColor" }));
    const bars = found.weights.map(function (w, i) {
      return E.tag("rect", { x: low.X(i + 1) - 3, y: low.Y(w), width: 6, height: 266 - low.Y(w) });
    });
    parts.push(E.tag("g", { fill: E.COLOUR.running }, bars.join("")));
    parts.push(E.mark(low.X(0), low.Y(found.start_weight), "running", 6, { fill: "none", "stroke-width": 2.5 }));
    return E.svg(304, parts);
  }

  function say(values) {
    const found = compute(values);
    return "Momentum " + E.number(values.momentum) + ": after batch " + values.read + " the running average is "
      + E.number(found.value) + ", while the batches are around " + LEVELS[values.read > CHANGE ? 1 : 0] + ". The start of "
      + E.number(values.start, 0) + " weighs " + E.number(100 * found.start_weight, 1) + " %, the newest batch "
      + E.number(100 * values.momentum, 0) + " %; the effective window is " + E.number(found.window, 1) + " batches.";
  }

  E.define("running", {
    controls: [
      { key: "momentum", label: "momentum m", min: 0.01, max: 1, step: 0.01, start: 0.1 },
      { key: "start", label: "value at the start", min: -4, max: 12, step: 1, start: 0 },
      { key: "read", label: "read after batch", min: 1, max: 40, step: 1, start: 24 },
    ],
    compute: compute, draw: draw, say: say, data: B,
  });
})();
