/* Remembers what a reader predicts about the claims of chapter 1, and shows it beside the verdicts. It
   needs no library, sends nothing anywhere, and does nothing on a page with neither.

   In chapter 1: <fieldset data-claim="ID"> holds radio buttons (the verdict) and may hold one <select>
   (the kind of claim); .predictions-tools holds the count, the buttons Export and Clear, and a message.
   On a page that loads this script and has verdicts: each box .verdict with id="verdict-ID" gets a line
   with the prediction, if there is one; an element .predictions-compare, empty, gets the count.

   In localStorage, under the key "batchnorm-course.predictions", as JSON:
     {"version": 1,
      "claims": {"3": {"verdict": "false", "kind": "definition"}, ...}}
   The keys of `claims` are the ids of book/claims.yml. `verdict` is "true", "depends", "false" or
   "unsure"; `kind` is a key of `kinds` in that file. A field without an answer is absent, and so is a
   claim without any. Export writes the same object, with the date added as `exported`. */
(function () {
  "use strict";
  const KEY = "batchnorm-course.predictions";
  const VERSION = 1;

  function start() {
    collect();
    compare();
  }

  function compare() {
    const boxes = Array.from(document.querySelectorAll(".verdict[id^=verdict-]"));
    if (boxes.length === 0) return;
    window.addEventListener("storage", function (event) {
      if (event.key === KEY) show();
    });
    show();

    function show() {
      const predictions = read();
      const counts = { predicted: 0, unsure: 0, unsettled: 0, right: 0 };
      boxes.forEach(function (box) {
        const verdict = /\bverdict-(true|depends|false|unsettled)\b/.exec(box.className)[1];
        const predicted = (predictions[box.id.replace("verdict-", "")] || {}).verdict;
        let line = box.querySelector(".verdict-prediction");
        if (!line) {
          line = document.createElement("p");
          line.className = "verdict-prediction";
          box.querySelector(".verdict-claim").after(line);
        }
        line.hidden = !predicted;
        line.textContent = predicted ? "Your prediction: " + predicted : "";
        if (!predicted) return;
        counts.predicted += 1;
        if (verdict === "unsettled") counts.unsettled += 1;
        else if (predicted === "unsure") counts.unsure += 1;
        else if (predicted === verdict) counts.right += 1;
      });
      const rest = counts.predicted - counts.unsettled - counts.unsure;
      const text = counts.predicted === 0
        ? "This browser has kept no prediction of yours for the claims on this page."
        : "Of the " + boxes.length + " claims on this page you predicted " + counts.predicted + ". "
          + counts.right + " of " + rest + " agree with the verdict; not counted are " + counts.unsure
          + " on which you were unsure, and " + counts.unsettled + " that are unsettled.";
      document.querySelectorAll(".predictions-compare").forEach(function (place) {
        place.textContent = text;
      });
    }
  }

  function collect() {
    const claims = Array.from(document.querySelectorAll("fieldset[data-claim]"));
    if (claims.length === 0) return;
    const tools = Array.from(document.querySelectorAll(".predictions-tools"));
    let predictions = read();

    claims.forEach(function (claim) {
      claim.addEventListener("change", function () {
        const entry = answer(claim);
        if (Object.keys(entry).length) predictions[claim.dataset.claim] = entry;
        else delete predictions[claim.dataset.claim];
        save();
        count();
      });
    });
    tools.forEach(function (tool) {
      tool.hidden = false;
      tool.querySelector(".predictions-export").addEventListener("click", function () {
        download();
        say(tool, "Saved as batchnorm-predictions.json.");
      });
      tool.querySelector(".predictions-clear").addEventListener("click", function () {
        if (!window.confirm("Remove all your predictions from this browser?")) return;
        predictions = {};
        save();
        show();
        say(tool, "All predictions removed.");
      });
    });
    // Another tab may have changed them; and a folded test is not printed.
    window.addEventListener("storage", function (event) {
      if (event.key !== KEY) return;
      predictions = read();
      show();
    });
    window.addEventListener("beforeprint", function () {
      claims.forEach(function (claim) {
        claim.querySelectorAll("details").forEach(function (details) { details.open = true; });
      });
    });
    show();

    function answer(claim) {
      const radio = claim.querySelector("input[type=radio]:checked");
      const select = claim.querySelector("select");
      const entry = {};
      if (radio) entry.verdict = radio.value;
      if (select && select.value) entry.kind = select.value;
      return entry;
    }

    function show() {
      claims.forEach(function (claim) {
        const entry = predictions[claim.dataset.claim] || {};
        claim.querySelectorAll("input[type=radio]").forEach(function (radio) {
          radio.checked = radio.value === entry.verdict;
        });
        const select = claim.querySelector("select");
        if (select) select.value = entry.kind || "";
      });
      count();
    }

    function count() {
      const done = claims.filter(function (claim) {
        return (predictions[claim.dataset.claim] || {}).verdict;
      }).length;
      tools.forEach(function (tool) {
        tool.querySelector(".predictions-count").textContent =
          done + " of " + claims.length + " claims predicted.";
      });
    }

    function save() {
      try {
        localStorage.setItem(KEY, JSON.stringify({ version: VERSION, claims: predictions }));
      } catch (error) {
        tools.forEach(function (tool) {
          say(tool, "This browser keeps nothing for this page: export before you leave.");
        });
      }
    }

    function download() {
      const all = { version: VERSION, claims: predictions, exported: new Date().toISOString() };
      const file = new Blob([JSON.stringify(all, null, 2) + "\n"], { type: "application/json" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = "batchnorm-predictions.json";
      document.body.appendChild(link);
      link.click();
      link.remove();
      setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    }
  }

  function read() {
    // Storage can be off (a private window), and what it holds can be of another version.
    try {
      const stored = JSON.parse(localStorage.getItem(KEY));
      if (stored && stored.version === VERSION && stored.claims) return stored.claims;
    } catch (error) { /* start empty */ }
    return {};
  }

  function say(tool, text) {
    tool.querySelector(".predictions-message").textContent = text;
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
