/* A formula or a table that is wider than the page scrolls in its own box. Where it does, the box takes
   the keyboard's focus and tells a screen reader what it is; elsewhere it is in nobody's way. */
(function () {
  "use strict";
  const NAMES = [[".formula", "Formula, scrollable"], [".bd-content table", "Table, scrollable"]];

  function mark() {
    NAMES.forEach(function ([selector, name]) {
      document.querySelectorAll(selector).forEach(function (element) {
        const box = element.closest(".pst-scrollable-table-container") || element;
        if (box.scrollWidth > box.clientWidth + 1) {
          box.tabIndex = 0;
          // A table keeps its role: it tells more than "group" does.
          if (box.tagName !== "TABLE") box.setAttribute("role", "group");
          box.setAttribute("aria-label", name);
        } else if (box.hasAttribute("aria-label")) {
          ["tabindex", "role", "aria-label"].forEach(function (n) { box.removeAttribute(n); });
        }
      });
    });
  }

  let waiting = 0;
  function soon() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(mark);
  }
  window.addEventListener("load", mark);
  window.addEventListener("resize", soon);
  document.addEventListener("toggle", soon, true);  // a folded answer was opened
})();
