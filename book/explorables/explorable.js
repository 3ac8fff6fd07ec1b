/* What all explorables share: drawing, and in the browser the controls.

   An explorable is a file NAME.js beside this one, with one call

     Explorables.define("NAME", {
       controls: [{ key, label, min, max, step, start, show }, ...],  // show(value) -> text, optional
       compute(values),  // values by key -> numbers, lists of numbers or null, by name
       draw(values),     // -> one <svg> as text
       say(values),      // -> one or two sentences on the present state
     });

   While the book is built, book/_ext/explorables.py calls draw and say with the start values and writes
   what they return into the page. In the browser this script adds a range for each control and draws
   again whenever one is moved. Nothing is random, and nothing is loaded.

   A drawing is 360 wide; the smallest text has 13 units, so that it can be read on a phone. A concept
   (x, x_hat, y, gradient, running, wrong, reference) has one colour and one line everywhere in the book. */
var Explorables = (function () {
  "use strict";
  const WIDTH = 360;
  // As in book/figures.py; a test compares the colours.
  const COLOUR = {
    x: "#0072B2", x_hat: "#009E73", y: "#E69F00", gradient: "#AA4499", running: "#56B4E9",
    wrong: "#D55E00", reference: "#666666", ink: "currentColor",
  };
  const DASH = {
    x_hat: "7 4", y: "7 3 2 3", gradient: "10 2", running: "5 2 2 2 2 2", wrong: "2 4", reference: "2 2",
  };
  const all = {};

  // --- text ---

  function escape(text) {
    return String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
  }

  /* A number as the reader sees it: -0.001 with 2 digits is 0.00. */
  function number(value, digits) {
    const text = value.toFixed(digits === undefined ? 2 : digits);
    return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212");
  }

  /* 0.00001 is 1e-5; what is between a thousandth and a thousand is written out. */
  function short(value) {
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size >= 0.001 && size < 1000) return String(Number(value.toPrecision(2))).replace("-", "\u2212");
    return value.toExponential(Number(value.toPrecision(2)) === Number(value.toPrecision(1)) ? 0 : 1)
      .replace("e+", "e").replace(/-/g, "\u2212");
  }

  // --- arithmetic ---

  function sum(list) { return list.reduce(function (total, value) { return total + value; }, 0); }
  function mean(list) { return sum(list) / list.length; }
  function variance(list) {  // biased
    const centre = mean(list);
    return mean(list.map(function (value) { return (value - centre) * (value - centre); }));
  }
  function range(count) { return Array.from({ length: count }, function (_, i) { return i; }); }

  // --- drawing ---

  function length(value) {  // a tenth is less than a pixel
    if (!Number.isFinite(value)) throw new Error("a drawing needs numbers, not " + value);
    return String(Math.round(value * 10) / 10);
  }

  function attributes(given) {
    return Object.keys(given || {}).map(function (name) {
      const value = given[name];
      return " " + name + '="' + (typeof value === "number" && !/opacity/.test(name) ? length(value) : escape(value)) + '"';
    }).join("");
  }

  function tag(name, given, inside) {
    return "<" + name + attributes(given) + (inside === undefined ? "/>" : ">" + inside + "</" + name + ">");
  }

  function svg(height, parts) {
    const size = {  // width and height are for where no style sheet is, such as the PDF
      xmlns: "http://www.w3.org/2000/svg", viewBox: "0 0 " + WIDTH + " " + height,
      width: 464, height: Math.round(464 / WIDTH * height), "font-size": 13,
    };
    return tag("svg", size, parts.join(""));
  }

  function text(x, y, words, more) {
    return tag("text", Object.assign({ x: x, y: y, fill: COLOUR.ink }, more), escape(words));
  }

  function stroke(concept) {
    const found = { stroke: COLOUR[concept], "stroke-width": 2, fill: "none" };
    return DASH[concept] ? Object.assign(found, { "stroke-dasharray": DASH[concept] }) : found;
  }

  function line(x1, y1, x2, y2, concept, more) {
    const ends = { x1: x1, y1: y1, x2: x2, y2: y2 };
    return tag("line", Object.assign(ends, stroke(concept), more));
  }

  function curve(points, concept, more) {
    const d = points.map(function (p, i) { return (i ? "L" : "M") + length(p[0]) + " " + length(p[1]); });
    return tag("path", Object.assign({ d: d.join("") }, stroke(concept), more));
  }

  /* One mark for each concept, so that they differ without their colours too. */
  function mark(x, y, concept, size, more) {
    const r = size || 4.5;
    const look = Object.assign({ stroke: COLOUR[concept], "stroke-width": 1.5, fill: COLOUR[concept] }, more);
    const place = function (corners) {
      return tag("path", Object.assign({
        d: corners.map(function (c, i) { return (i ? "L" : "M") + length(x + r * c[0]) + " " + length(y + r * c[1]); })
          .join("") + "Z",
      }, look));
    };
    if (concept === "x_hat") return place([[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]]);
    if (concept === "y") return place([[0, -1.2], [1.1, 0.8], [-1.1, 0.8]]);
    if (concept === "gradient") return place([[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]]);
    if (concept === "wrong") {
      const arms = [[-1, -1, 1, 1], [-1, 1, 1, -1]].map(function (a) {
        return "M" + length(x + r * a[0]) + " " + length(y + r * a[1])
          + "L" + length(x + r * a[2]) + " " + length(y + r * a[3]);
      });
      return tag("path", Object.assign({ d: arms.join("") }, look, { fill: "none", "stroke-width": 2 }));
    }
    return tag("circle", Object.assign({ cx: x, cy: y, r: r }, look));
  }

  function arrow(x1, y1, x2, y2, concept, more) {
    const far = Math.hypot(x2 - x1, y2 - y1), ux = (x2 - x1) / far, uy = (y2 - y1) / far;
    const head = [[x2, y2], [x2 - 8 * ux - 4 * uy, y2 - 8 * uy + 4 * ux], [x2 - 8 * ux + 4 * uy, y2 - 8 * uy - 4 * ux]];
    const d = head.map(function (p, i) { return (i ? "L" : "M") + length(p[0]) + " " + length(p[1]); });
    return line(x1, y1, x2 - 6 * ux, y2 - 6 * uy, concept, Object.assign({ "stroke-width": 1.5 }, more))
      + tag("path", { d: d.join("") + "Z", fill: COLOUR[concept] });
  }

  /* Axes in a box [left, top, right, bottom]. X and Y turn numbers into places, kept inside the box. */
  function panel(options) {
    const box = options.box, left = box[0], top = box[1], right = box[2], bottom = box[3];
    const scale = function (from, to, a, b) {
      return function (value) {
        return a + (Math.min(Math.max(value, from), to) - from) / (to - from) * (b - a);
      };
    };
    const X = scale(options.x[0], options.x[1], left, right);
    const Y = options.y ? scale(options.y[0], options.y[1], bottom, top) : null;
    const thin = { "stroke-width": 1, "stroke-dasharray": "none" };
    const frame = [line(left, bottom, right, bottom, "ink", thin)];
    (options.xticks || []).forEach(function (tick) {
      const at = X(tick), words = options.xtext ? options.xtext(tick) : number(tick, 0);
      frame.push(line(at, bottom, at, bottom + 4, "ink", thin), text(at, bottom + 17, words, { "text-anchor": "middle" }));
    });
    (options.yticks || []).forEach(function (tick) {
      const at = Y(tick), words = options.ytext ? options.ytext(tick) : number(tick, 0);
      frame.push(line(left, at, right, at, "ink", Object.assign({ "stroke-opacity": 0.15 }, thin)));
      // The lowest keeps off the first number of the other axis.
      const lower = options.xticks && at > bottom - 1 ? 1 : 4.5;
      frame.push(text(left - 5, at + lower, words, { "text-anchor": "end" }));
    });
    if (options.xlabel)
      frame.push(text((left + right) / 2, bottom + (options.xticks ? 33 : 17), options.xlabel, { "text-anchor": "middle" }));
    if (options.title) frame.push(text(2, top - 10, options.title));
    return { X: X, Y: Y, frame: frame.join("") };
  }

  // --- definitions ---

  function define(name, explorable) { all[name] = explorable; }

  function starts(name) {
    const values = {};
    all[name].controls.forEach(function (control) { values[control.key] = control.start; });
    return values;
  }

  function shown(control, value) {
    return control.show ? control.show(value) : number(value, (String(control.step).split(".")[1] || "").length);
  }

  // --- in the browser ---

  function element(name, given, words) {
    const made = document.createElement(name);
    Object.keys(given).forEach(function (key) { made.setAttribute(key, given[key]); });
    if (words) made.textContent = words;
    return made;
  }

  function hydrate(body) {
    const name = body.dataset.explorable, explorable = all[name];
    const drawing = body.querySelector("svg"), state = body.querySelector(".explorable-say");
    if (!explorable || body.querySelector(".explorable-controls")) return;
    const values = starts(name);
    const tools = element("div", { class: "explorable-controls", role: "group", "aria-label": "Controls of this figure" });
    const shows = explorable.controls.map(function (control) {
      const id = "explorable-" + name + "-" + control.key;
      const label = element("label", { for: id }, control.label);
      const input = element("input", { id: id, type: "range", min: control.min, max: control.max, step: control.step });
      // The range says its value by itself; a live output would say it twice.
      const output = element("output", { for: id, "aria-live": "off" });
      input.addEventListener("input", function () {
        values[control.key] = Number(input.value);
        show();
        redraw();
      });
      const row = element("div", { class: "explorable-control" });
      row.append(label, input, output);
      tools.append(row);
      function show() {
        const words = shown(control, values[control.key]);
        input.value = values[control.key];
        output.textContent = words;
        input.setAttribute("aria-valuetext", words);
      }
      show();
      return show;
    });
    const reset = element("button", { type: "button" }, "Reset");
    reset.addEventListener("click", function () {
      Object.assign(values, starts(name));
      shows.forEach(function (show) { show(); });
      redraw();
    });
    tools.append(reset);
    state.before(tools);

    function redraw() {
      // The element stays, with its role and label; what is in it is new.
      drawing.innerHTML = explorable.draw(values).replace(/^<svg[^>]*>|<\/svg>$/g, "");
      state.textContent = explorable.say(values);
    }
  }

  if (typeof document !== "undefined") {
    const start = function () { document.querySelectorAll("[data-explorable]").forEach(hydrate); };
    // Deferred scripts run in their order, and all of them before this event.
    if (document.readyState === "complete") start();
    else document.addEventListener("DOMContentLoaded", start);
  }

  return {
    all: all, define: define, starts: starts, WIDTH: WIDTH, COLOUR: COLOUR,
    number: number, short: short, sum: sum, mean: mean, variance: variance, range: range,
    tag: tag, svg: svg, text: text, line: line, curve: curve, mark: mark, arrow: arrow, panel: panel,
  };
})();
