/* Starts the page of an exercise's notebook. JupyterLite takes whatever service worker controls its page for its
   own, and ends all others of the site where it finds one that it does not know. So its own takes over first:
   through it Python reads the files beside the notebook. */
"use strict";

const root = new URL("./", import.meta.url);
const worker = new URL("service-worker.js?enableCache=false", root).href;
const workers = navigator.serviceWorker;

async function takeOver() {
  const settings = await (await fetch(new URL("jupyter-lite.json", root))).json();
  const version = settings["jupyter-config-data"].appVersion;
  localStorage.setItem(`${worker}-version`, version);
  await workers.register(worker);
  if (workers.controller?.scriptURL === worker) return;
  const changed = new Promise((done) => workers.addEventListener("controllerchange", done));
  const late = new Promise((done) => setTimeout(done, 5000)); // after a forced reload none controls the page
  await Promise.race([changed, late]);
  // What came before is not in the worker's store yet.
  const before = performance.getEntriesByType("resource").map((entry) => entry.name);
  [location.href, ...before].forEach((address) => fetch(address).catch(console.warn));
}

const path = new URLSearchParams(location.search).get("path") || "";

/* In place of the logo, which leads to a page that is not here: the way back, to where one downloads. */
const observer = new MutationObserver(() => {
  const logo = document.getElementById("jp-NotebookLogo");
  if (!logo) return;
  observer.disconnect();
  logo.href = new URL(`../book/exercises/${path.split("/")[0]}.html`, root);
  logo.target = "_self";
  logo.textContent = "‹ The exercise’s page";
  logo.style.cssText = "align-self: center; padding: 0 1em; color: var(--jp-content-link-color)";
});
observer.observe(document.body, { childList: true, subtree: true });

/* The exercise's own page resets a notebook: what is open here must not be saved over it. */
new BroadcastChannel(`batchnorm-course.reset ${root.pathname}`).addEventListener("message", (event) => {
  if (!path.startsWith(`${event.data}/`)) return;
  window.addEventListener("beforeunload", (leaving) => leaving.stopImmediatePropagation(), true);
  location.reload();
});

/* Whoever goes to another tab, to download from there, say, has everything saved. */
document.addEventListener("visibilitychange", () => {
  const open = window.jupyterapp?.shell.currentWidget?.context;
  if (document.hidden && open?.model?.dirty) window.jupyterapp.commands.execute("docmanager:save");
});

if (workers) await takeOver().catch(console.warn);
await import("./config-utils.js");
