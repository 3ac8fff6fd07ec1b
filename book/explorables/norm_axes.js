/* Four norms of the same small array: which values share a mean, and which outputs another image moves. */
(function () {
  "use strict";
  const E = Explorables;
  const N = 3, C = 4, PIXELS = 4, GROUPS = 2, EPS = 1e-5;
  const NORMS = ["batch", "layer", "instance", "group"];  // group norm with two groups
  // Image by image, channel by channel: the four pixels of a tile of 2 by 2.
  const X = [
    [[1, 3, 2, 4], [0, 1, 1, 0], [5, 7, 6, 9], [2, 2, 3, 1]],
    [[2, 5, 1, 3], [1, 0, 2, 1], [4, 8, 6, 5], [0, 3, 1, 2]],
    [[3, 1, 0, 2], [2, 1, 0, 3], [7, 9, 5, 6], [1, 4, 2, 3]],
  ];

  function shares(norm, a, b) {  // whether two values, given as [n, c], share a mean
    const group = function (c) { return Math.floor(c / (C / GROUPS)); };
    if (norm === 0) return a[1] === b[1];
    if (norm === 1) return a[0] === b[0];
    if (norm === 2) return a[0] === b[0] && a[1] === b[1];
    return a[0] === b[0] && group(a[1]) === group(b[1]);
  }

  function compute(values) {
    const norm = values.norm - 1;
    const x = X.map(function (image, n) {
      return image.map(function (tile) {
        return tile.map(function (pixel) { return pixel + (n === 2 ? values.brighter : 0); });
      });
    });
    const set = function (n, c) {
      const list = [];
      x.forEach(function (image, i) {
        image.forEach(function (tile, j) { if (shares(norm, [n, c], [i, j])) list.push.apply(list, tile); });
      });
      return list;
    };
    const x_hat = x.map(function (image, n) {
      return image.map(function (tile, c) {
        const list = set(n, c), mean = E.mean(list), r = 1 / Math.sqrt(E.variance(list) + EPS);
        return tile.map(function (pixel) { return (pixel - mean) * r; });
      });
    });
    const chosen = set(values.image - 1, values.channel - 1);
    return { x: x, x_hat: x_hat, count: chosen.length, mean: E.mean(chosen), var: E.variance(chosen) };
  }

  function draw(values) {
    const found = compute(values), parts = [];
    const chosen = [values.image - 1, values.channel - 1];
    const left = function (c) { return 22 + 84 * c; };
    E.range(C).forEach(function (c) {
      parts.push(E.text(left(c) + 41, 14, "channel " + (c + 1), { "text-anchor": "middle" }));
    });
    E.range(N).forEach(function (n) {
      const top = 22 + 62 * n;
      parts.push(E.text(6, top + 32, n + 1));
      E.range(C).forEach(function (c) {
        const member = shares(values.norm - 1, chosen, [n, c]), own = n === chosen[0] && c === chosen[1];
        parts.push(E.tag("rect", {
          x: left(c), y: top, width: 81, height: 54, rx: 4, stroke: own ? E.COLOUR.x : member ? E.COLOUR.x_hat : "currentColor",
          "stroke-width": own ? 4 : member ? 2.5 : 1, "stroke-opacity": member ? 1 : 0.35,
          fill: member ? E.COLOUR.x_hat : "none", "fill-opacity": 0.22,
        }));
        E.range(PIXELS).forEach(function (p) {
          const x = left(c) + 37 + 39 * (p % 2), y = top + 21 + 23 * Math.floor(p / 2);
          parts.push(E.text(x, y, E.number(found.x_hat[n][c][p], 1), { "text-anchor": "end" }));
        });
      });
    });
    return E.svg(212, parts);
  }

  function say(values) {
    const found = compute(values);
    const name = NORMS[values.norm - 1];
    return name[0].toUpperCase() + name.slice(1) + " norm" + (values.norm === 4 ? " with two groups" : "")
      + ": the tile of image " + values.image + ", channel " + values.channel + " shares its mean " + E.number(found.mean) + " and its variance "
      + E.number(found.var) + " with all filled tiles, " + found.count + " values. "
      + (values.brighter ? "Image 3 was made brighter by " + E.number(values.brighter, 0) + "." : "Image 3 is as it was.");
  }

  E.define("norm_axes", {
    controls: [
      { key: "norm", label: "norm", min: 1, max: 4, step: 1, start: 1, show: function (value) { return NORMS[value - 1]; } },
      { key: "image", label: "image", min: 1, max: N, step: 1, start: 1 },
      { key: "channel", label: "channel", min: 1, max: C, step: 1, start: 2 },
      { key: "brighter", label: "brighten image 3 by", min: 0, max: 8, step: 1, start: 0 },
    ],
    compute: compute, draw: draw, say: say,
  });
})();
