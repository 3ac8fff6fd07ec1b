/* Cells that run in the page: those tagged `run` get the buttons Run, Edit and Reset.

   A page has this script only if the site has Python for it (python_in_page.py). Nothing is loaded
   before the first Run; then worker.js, beside this file, loads Pyodide and NumPy. The cells of a
   page share their names, as in a notebook. A Run first runs the cells above that have not run as
   they stand. Edits are kept in localStorage under "batchnorm-course.cells", as JSON:
     {"version": 1, "edits": {PAGE: {ORIGINAL: "the code as edited", ...}, ...}}
   PAGE is the page's path in the book; ORIGINAL is a checksum of the book's code, so that an edit
   goes with the code that it was an edit of. */
(function () {
  "use strict";
  const KEY = "batchnorm-course.cells", VERSION = 1;
  const script = document.currentScript;
  if (location.protocol === "file:" || !window.Worker) {
    document.documentElement.classList.add("run-without");
    return;
  }
  const SIZE = `about ${script.dataset.megabytes} MB`;
  const PAGE = typeof DOCUMENTATION_OPTIONS === "object" ? DOCUMENTATION_OPTIONS.pagename : location.pathname;
  const python = makePython();
  const cells = [];
  let busy = null;  // the cell whose Run is under way

  function start() {
    const stored = read()[PAGE] || {}, met = {};
    document.querySelectorAll(".cell.tag_run").forEach(function (box) {
      const code = box.querySelector(".cell_input pre");
      if (!code) return;
      const original = code.textContent.replace(/\n$/, "");
      const sum = checksum(original);
      met[sum] = (met[sum] || 0) + 1;
      cells.push(makeCell(box, original, `${sum}.${met[sum]}`, cells.length + 1));
    });
    cells.forEach(function (cell) {
      if (typeof stored[cell.key] !== "string") return;
      cell.edit(stored[cell.key]);
      cell.say("Your code, kept in this browser. Reset brings back the book's.");
    });
    if (cells.length && !cells[0].edited()) cells[0].say(`Run loads Python into this page, ${SIZE} the first time.`);
  }

  /* --- one cell --- */

  function makeCell(box, original, key, number) {
    const shown = box.querySelector(".cell_input .highlight");
    const book = [...box.children].filter((e) => e.classList.contains("cell_output"));
    const bookText = [...box.querySelectorAll(".cell_output pre")].map((e) => e.textContent).join("").trim();
    const bar = element("div", { className: "run-bar", role: "group", label: `Cell ${number}` });
    const name = element("span", { className: "run-name", textContent: `Cell ${number}` });
    const run = button("Run", `Run cell ${number}`), stop = button("Stop", `Stop cell ${number}`);
    const change = button("Edit", `Edit cell ${number}`), reset = button("Reset", `Reset cell ${number}`);
    const progress = element("progress", { hidden: true, label: "Loading Python" });
    const state = element("span", { className: "run-state", role: "status" });
    const output = element("div", { className: "run-output", hidden: true });
    let field = null;
    stop.hidden = true;
    bar.append(name, run, stop, change, reset, progress, state);
    box.querySelector(".cell_input").after(bar, output);
    box.classList.add("run-ready");

    const cell = {
      number, key, bookText, ran: null,  // ran: {source, turn} of its last run that ended well
      source: () => (field ? field.value : original),
      edited: () => cell.source() !== original,
      say(text) { state.textContent = text; },

      edit(text) {
        if (!field) {
          field = element("textarea", {
            className: "run-field", spellcheck: false, autocapitalize: "off", autocomplete: "off",
            wrap: "off", label: `Code of cell ${number}. Control and Enter runs it.`,
          });
          field.setAttribute("autocorrect", "off");
          field.addEventListener("input", function () { cell.show(); keep(); });
          field.addEventListener("keydown", (event) => onKey(event, cell));
          shown.after(field);
        }
        field.value = text;
        cell.show();
      },

      show() {
        shown.hidden = Boolean(field);
        change.hidden = Boolean(field);
        reset.hidden = !field && output.hidden;
        if (field) field.rows = field.value.split("\n").length;
      },

      reset() {
        if (busy === cell) return;
        if (field) field.remove();
        field = null;
        output.hidden = true;
        book.forEach((e) => { e.hidden = false; });
        cell.ran = null;
        cell.say("As in the book again.");
        cell.show();
        keep();
        run.focus();
      },

      working(is) {
        run.setAttribute("aria-disabled", is);
        clearTimeout(cell.timer);
        // A button that comes and goes within a blink helps nobody.
        if (is) cell.timer = setTimeout(() => swap(run, stop), 300);
        else swap(stop, run);
        if (!is) cell.progress(null);
      },

      progress(part) {
        progress.hidden = part === null;
        if (part !== null) progress.value = part;
      },

      /* Show what a run gave, in place of what the book shows. */
      print(pieces, failed) {
        book.forEach((e) => { e.hidden = true; });
        output.hidden = false;
        output.classList.toggle("run-failed", failed);
        const text = element("pre", { tabIndex: 0, role: "region", label: `Your output of cell ${number}` });
        pieces.forEach(function ([kind, piece]) {
          text.append(kind === "out" || kind === "value" ? piece : element("span", {
            className: `run-${kind}`, textContent: piece,
          }));
        });
        const empty = pieces.length === 0;
        const whose = element("p", {
          className: "run-whose", textContent: empty ? "Your run printed nothing." : "Your output",
        });
        output.replaceChildren(whose, ...(empty ? [] : [text]));
        cell.show();
      },
    };
    run.addEventListener("click", () => runCell(cell));
    stop.addEventListener("click", stopAll);
    reset.addEventListener("click", cell.reset);
    change.addEventListener("click", function () {
      cell.edit(original);
      cell.say("Ctrl+Enter runs it, Tab leaves the field.");
      field.focus();
    });
    cell.show();
    return cell;
  }

  function swap(from, to) {
    const focused = document.activeElement === from;
    from.hidden = true;
    to.hidden = false;
    if (focused) to.focus();
  }

  function onKey(event, cell) {
    const field = event.target, { selectionStart: at, selectionEnd: end } = field;
    const line = field.value.slice(field.value.lastIndexOf("\n", at - 1) + 1, at);
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.shiftKey || event.metaKey)) {
      event.preventDefault();
      runCell(cell);
    } else if (event.key === "Enter" && !event.altKey) {
      // Tab leaves the field, so the field indents by itself.
      event.preventDefault();
      const more = /:\s*(#.*)?$/.test(line) ? "    " : "";
      type(field, "\n" + /^ */.exec(line)[0] + more);
    } else if (event.key === "Backspace" && at === end && /^ +$/.test(line)) {
      event.preventDefault();
      field.setSelectionRange(at - ((line.length - 1) % 4 + 1), at);
      type(field, "");
    }
  }

  /* As if typed: undo goes on working. */
  function type(field, text) {
    if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input"));
  }

  /* --- running --- */

  let turn = 0;

  /* The cells above that must run first: from the first that has not run as it stands, in order. */
  function due(cell) {
    const above = cells.slice(0, cells.indexOf(cell));
    let last = 0;
    const first = above.findIndex(function (c) {
      const fresh = c.ran && c.ran.source === c.source() && c.ran.turn > last;
      if (fresh) last = c.ran.turn;
      return !fresh;
    });
    return first < 0 ? [] : above.slice(first);
  }

  async function runCell(cell) {
    if (busy) {
      if (busy !== cell) cell.say(`Cell ${busy.number} is still running.`);
      return;
    }
    busy = cell;
    cell.working(true);
    try {
      if (!python.ready()) {
        cell.say(`Loading Python, ${SIZE} the first time…`);
        await python.load(cell.progress);
        cell.progress(null);
      }
      const before = due(cell);
      for (const [done, other] of before.entries()) {
        cell.say(`Running the cells above: ${done + 1} of ${before.length}…`);
        if (await runOne(other, true)) continue;
        cell.say(`Not run: cell ${other.number}, above, ended with an error.`);
        return;
      }
      cell.say("Running…");
      const first = before.length ? ` Ran the ${before.length === 1 ? "cell" : "cells"} above first.` : "";
      const time = await runOne(cell, false);
      cell.say(time === null ? `Ended with an error.${first}` : `Ran in ${time}.${first}`);
    } catch (error) {
      cell.say(error.message);
    } finally {
      cell.working(false);
      busy = null;
    }
  }

  /* Run one cell; return its time as text, or null where it ended with an error. */
  async function runOne(cell, quiet) {
    const source = cell.source(), pieces = [];
    const { ok, seconds } = await python.run(cell.number, source, function (more) {
      pieces.push(...more);
      if (!quiet) cell.print(pieces, false);
    });
    cell.ran = ok ? { source, turn: ++turn } : null;
    const text = pieces.map((piece) => piece[1]).join("").trim();
    // A cell that had to run first and gives what the book gives: the page stays as it is.
    if (!quiet || !ok || text !== cell.bookText) cell.print(pieces, !ok);
    if (!ok) return null;
    return seconds < 1 ? `${Math.ceil(1000 * seconds)} ms` : `${seconds.toFixed(1)} s`;
  }

  function stopAll() {
    python.stop("Stopped. The names of all cells are gone; the next Run starts Python anew.");
    cells.forEach((cell) => { cell.ran = null; });
  }

  /* --- Python, in its worker --- */

  function makePython() {
    let worker = null, loaded = false, waiting = null;

    function begin() {
      worker = new Worker(new URL("worker.js" + new URL(script.src).search, script.src), { type: "module" });
      worker.addEventListener("message", ({ data }) => waiting && waiting.message(data));
      worker.addEventListener("error", function (event) {
        event.preventDefault();
        end(`Python could not go on${event.message ? `: ${event.message}` : ""}. Try Run again.`);
      });
    }

    function end(text) {
      if (worker) worker.terminate();
      worker = null;
      loaded = false;
      const left = waiting;
      waiting = null;
      if (left) left.fail(new Error(text));
    }

    function ask(message, onMessage) {
      return new Promise(function (done, fail) {
        waiting = {
          fail,
          message(data) {
            const answer = onMessage(data);
            if (answer === undefined) return;
            waiting = null;
            done(answer);
          },
        };
        worker.postMessage(message);
      });
    }

    return {
      ready: () => loaded,
      stop: end,
      async load(onProgress) {
        begin();
        cells.forEach((cell) => { cell.ran = null; });
        onProgress(0);
        await ask({ kind: "load", size: Number(script.dataset.bytes) }, function (data) {
          if (data.kind === "progress") onProgress(data.part);
          if (data.kind === "failed") end(`Python could not be loaded: ${data.text}. Try Run again.`);
          if (data.kind === "ready") return true;
        });
        loaded = true;
      },
      run(number, source, onText) {
        return ask({ kind: "run", number, source }, function (data) {
          if (data.kind === "text") onText(data.pieces);
          if (data.kind === "failed") end(`Python could not go on: ${data.text}. Try Run again.`);
          if (data.kind === "done") return data;
        });
      },
    };
  }

  /* --- what is kept --- */

  function read() {
    // Storage can be off (a private window), and what it holds can be of another version.
    try {
      const stored = JSON.parse(localStorage.getItem(KEY));
      if (stored && stored.version === VERSION && stored.edits) return stored.edits;
    } catch (error) { /* nothing kept */ }
    return {};
  }

  function keep() {
    const edits = read(), changed = cells.filter((cell) => cell.edited());
    delete edits[PAGE];
    if (changed.length) edits[PAGE] = Object.fromEntries(changed.map((c) => [c.key, c.source()]));
    try {
      localStorage.setItem(KEY, JSON.stringify({ version: VERSION, edits }));
    } catch (error) { /* the edit lives as long as the page */ }
  }

  function checksum(text) {
    let sum = 5381;
    for (let i = 0; i < text.length; i++) sum = (sum * 33 + text.charCodeAt(i)) >>> 0;
    return sum.toString(36);
  }

  function element(name, { role, label, ...fields }) {
    const made = Object.assign(document.createElement(name), fields);
    if (role) made.setAttribute("role", role);
    if (label) made.setAttribute("aria-label", label);
    return made;
  }

  function button(text, label) {
    return element("button", { type: "button", textContent: text, label });
  }

  start();
})();
