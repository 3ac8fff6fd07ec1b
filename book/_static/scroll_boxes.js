/* What is wider than the page scrolls in its own box. Where it does, the box takes the keyboard's focus,
   and a formula or a table tells a screen reader what it is; elsewhere it is in nobody's way. To measure
   a box the browser must lay it out, so boxes are looked at when it has nothing else to do. */
(function () {
  "use strict";
  const BOXES = [
    [".formula", "Formula, scrollable"],
    [".bd-content table", "Table, scrollable"],
    ["pre, .cell_output > .output, .jp-RenderedHTMLCommon", null],
  ];
  const SLICE = 8; // milliseconds of work at a time

  function mark(box, name) {
    const scrolls = box.scrollWidth > box.clientWidth + 1 || (!name && box.scrollHeight > box.clientHeight + 1);
    if (scrolls) {
      box.tabIndex = 0;
      if (name) box.setAttribute("aria-label", name);
      // A table keeps its role: it tells more than "group" does.
      if (name && box.tagName !== "TABLE") box.setAttribute("role", "group");
    } else if (box.dataset.scrolls) {
      ["tabindex", "role", "aria-label"].forEach(function (n) { box.removeAttribute(n); });
    }
    if (scrolls) box.dataset.scrolls = "1"; else delete box.dataset.scrolls;
  }

  const idle = window.requestIdleCallback || function (work) { return setTimeout(work, 50); };
  let left = [], waiting = false, soon = 0;

  function work() {
    const end = performance.now() + SLICE;
    while (left.length && performance.now() < end) mark(...left.shift());
    waiting = left.length > 0;
    if (waiting) idle(work);
    else if (!soon) document.documentElement.dataset.boxes = "seen";
  }

  function all() {
    soon = 0;
    left = BOXES.flatMap(function ([selector, name]) {
      return [...document.querySelectorAll(selector)].map(function (element) {
        return [element.closest(".pst-scrollable-table-container") || element, name];
      });
    });
    delete document.documentElement.dataset.boxes;
    if (!waiting) idle(work);
    waiting = true;
  }

  function again() {
    left = []; // a new round begins
    delete document.documentElement.dataset.boxes;
    clearTimeout(soon);
    soon = setTimeout(all, 100);
  }
  window.addEventListener("load", all);
  window.addEventListener("resize", again);
  document.addEventListener("toggle", again, true); // a folded answer was opened
  window.addEventListener("load", function () { // a cell was run
    new MutationObserver(again).observe(document.getElementById("main-content"), { childList: true, subtree: true });
  });
})();
