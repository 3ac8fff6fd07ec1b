/* Keeps which exercises a reader has done, and shows what JupyterLite has kept of a student's work. It needs no
   library, sends nothing anywhere, and does nothing on a page with neither.

   Ticks: a checkbox with data-exercise in .exercise-tick; .exercise-done gets a sign where it is ticked;
   .exercise-count and the <progress> beside it get how many of the names in data-names are.
   In localStorage, under "batchnorm-course.exercises", as JSON: {"version": 1, "done": {"ex01_statistics":
   "2026-11-21", ...}}.

   Work: .exercise-work, written by book/browser/lite.py where there is a lite/. JupyterLite keeps files in
   IndexedDB, one entry for each path, and reads the site's own file only where it has none: so taking the
   entry away brings the original back. */
(function () {
  "use strict";
  const KEY = "batchnorm-course.exercises";
  const VERSION = 1;

  function start() {
    ticks();
    document.querySelectorAll(".exercise-work").forEach(work);
  }

  function ticks() {
    const boxes = Array.from(document.querySelectorAll(".exercise-tick input"));
    const counts = Array.from(document.querySelectorAll(".exercise-count"));
    if (counts.length === 0) return;
    let done = read();

    boxes.forEach(function (box) {
      box.closest(".exercise-tick").hidden = false;
      box.addEventListener("change", function () {
        done = read(); // another tab may have changed it
        if (box.checked) done[box.dataset.exercise] = new Date().toISOString().slice(0, 10);
        else delete done[box.dataset.exercise];
        show(save());
      });
    });
    window.addEventListener("storage", function (event) {
      if (event.key !== KEY) return;
      done = read();
      show(true);
    });
    show(true);

    function show(kept) {
      boxes.forEach(function (box) { box.checked = box.dataset.exercise in done; });
      document.querySelectorAll(".exercise-done").forEach(function (place) {
        place.innerHTML = place.dataset.exercise in done
          ? '<span aria-hidden="true">✓ </span><span class="visually-hidden">Done: </span>' : "";
      });
      counts.forEach(function (place) {
        const names = place.dataset.names.split(" ");
        const count = names.filter(function (name) { return name in done; }).length;
        place.textContent = count + " of " + names.length + " exercises done."
          + (kept ? "" : " This browser does not keep it: it is set to keep nothing for this site.");
        const box = place.closest(".exercise-progress");
        if (!box) return;
        box.hidden = false;
        box.querySelector("progress").value = count;
      });
    }

    function read() {
      // Storage can be off (a private window), and what it holds can be of another version.
      try {
        const stored = JSON.parse(localStorage.getItem(KEY));
        if (stored && stored.version === VERSION && stored.done) return stored.done;
      } catch (error) { /* start empty */ }
      return {};
    }

    function save() {
      try {
        localStorage.setItem(KEY, JSON.stringify({ version: VERSION, done: done }));
        return true;
      } catch (error) {
        return false;
      }
    }
  }

  function work(place) {
    const name = place.dataset.exercise;
    const path = name + "/" + name + ".ipynb";
    const lite = new URL(place.dataset.lite, location.href);
    const says = place.querySelector(".exercise-saved");
    const buttons = place.querySelector(".exercise-buttons");
    let notebook = null;

    place.querySelector(".exercise-download").addEventListener("click", function () {
      // Whoever opens it elsewhere has no kernel of that display name.
      const kernel = { display_name: "Python 3", language: "python", name: "python3" };
      const metadata = Object.assign({}, notebook.metadata, { kernelspec: kernel, language_info: { name: "python" } });
      const whole = Object.assign({}, notebook, { metadata: metadata });
      const file = new Blob([JSON.stringify(whole, null, 1) + "\n"], { type: "application/x-ipynb+json" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = name + ".ipynb";
      document.body.appendChild(link);
      link.click();
      link.remove();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    });
    place.querySelector(".exercise-reset").addEventListener("click", async function () {
      if (!window.confirm("Remove what you wrote in this notebook, in this browser, and begin again?")) return;
      // Where the notebook is open it would be saved again: it is closed there, see lite/start.js.
      new BroadcastChannel("batchnorm-course.reset " + lite.pathname).postMessage(name);
      await new Promise(function (done) { setTimeout(done, 300); });
      await remove(place.dataset.files.split(" ").map(function (file) { return name + "/" + file; }));
      await look();
      says.textContent = "The notebook is as it was handed out. Nothing of yours is kept in this browser.";
    });
    // The notebook is open in another tab, mostly.
    document.addEventListener("visibilitychange", function () { if (!document.hidden) look(); });
    look();

    async function look() {
      notebook = await load();
      buttons.hidden = notebook === null;
      says.textContent = "";
      if (notebook === null) return;
      const cells = notebook.cells.filter(function (cell) { return about(cell).grade; });
      const passed = cells.filter(function (cell) {
        return (cell.outputs || []).some(function (output) {
          return [].concat(output.text || []).join("").startsWith(about(cell).grade_id + ": passed");
        });
      });
      const ran = cells.some(function (cell) { return (cell.outputs || []).length > 0; }); // each says something
      says.textContent = "This browser keeps your notebook. " + (ran
        ? "When they last ran, " + passed.length + " of " + cells.length + " checks passed."
        : "No check has run yet.");
      if (await isOld(notebook)) {
        says.textContent += " The exercise has changed since you began: what you open is still the old one."
          + " Download your notebook, reset, and copy your functions over.";
      }
    }

    /* Whether a cell that students do not write is no longer what the site hands out. */
    async function isOld(mine) {
      const answer = await fetch(new URL("files/" + path, lite)).catch(function () { return null; });
      return answer !== null && answer.ok && marks(await answer.json()) !== marks(mine); // else: no network
    }

    function marks(one) {
      const known = one.cells.map(about).filter(function (cell) { return cell.checksum; });
      const sums = known.map(function (cell) { return cell.grade_id + " " + cell.checksum; });
      return [one.metadata.course && one.metadata.course.version].concat(sums).join("\n");
    }

    function about(cell) {
      return (cell.metadata && cell.metadata.nbgrader) || {};
    }

    function open() {
      return new Promise(function (done) {
        const asked = indexedDB.open("JupyterLite Storage - " + lite.pathname);
        asked.onupgradeneeded = function () { asked.transaction.abort(); }; // there is none: make none
        asked.onerror = function (event) { event.preventDefault(); done(null); };
        asked.onsuccess = function () { done(asked.result); };
      });
    }

    async function load() {
      const database = await open();
      if (database === null || !database.objectStoreNames.contains("files")) return null;
      const entry = await new Promise(function (done) {
        const asked = database.transaction("files").objectStore("files").get(path);
        asked.onsuccess = function () { done(asked.result); };
        asked.onerror = function () { done(null); };
      });
      database.close(); // else JupyterLite could not change it
      return (entry && entry.content && entry.content.cells) ? entry.content : null;
    }

    async function remove(paths) {
      const database = await open();
      if (database === null) return;
      const stores = ["files", "checkpoints"].filter(function (store) {
        return database.objectStoreNames.contains(store);
      });
      const change = database.transaction(stores, "readwrite");
      stores.forEach(function (store) {
        paths.forEach(function (each) { change.objectStore(store).delete(each); });
      });
      await new Promise(function (done) { change.oncomplete = change.onabort = done; });
      database.close();
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
