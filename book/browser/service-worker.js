/* The service worker of the exercises in the browser. What JupyterLite's own does, that of
   jupyterlite-worker.js, is done; and what was loaded once is there with no network too.

   Above this stands VERSION, written by lite.py: another version of the exercises has another store. */
"use strict";

const PREFIX = `exercises ${registration.scope} `; // other sites may share the host
const STORE = PREFIX + VERSION;
const SITE = new URL("../", registration.scope).href;

async function answer(event) {
  const { request } = event;
  const store = await caches.open(STORE);
  try {
    const response = await fetch(request);
    if (response.status === 200 && !(await keptBySite(request.url))) {
      event.waitUntil(store.put(request, response.clone()));
    }
    return response;
  } catch (error) {
    // A notebook's page is the same for all notebooks.
    const options = { ignoreSearch: request.mode === "navigate" };
    const kept = (await store.match(request, options)) || (await keptBySite(request.url));
    if (kept) return kept;
    throw error;
  }
}

/* What the pages of the course keep for themselves (sw.js): Python, say. They add a hash to the address. */
async function keptBySite(address) {
  const name = `offline ${SITE}`;
  if (address.startsWith(registration.scope) || !(await caches.has(name))) return undefined;
  return (await caches.open(name)).match(address, { ignoreSearch: true });
}

addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((n) => n.startsWith(PREFIX) && n !== STORE));
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name)))));
});

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const own = method !== "GET" || url.endsWith("/api/service-worker-heartbeat"); // JupyterLite's, below
  if (own || !url.startsWith(SITE)) return;
  event.stopImmediatePropagation();
  event.respondWith(answer(event));
});

importScripts("jupyterlite-worker.js");
