/* The service worker: after one visit the course is there with no network.

   Above this stand, written by offline.py: VERSION; FIRST, the files that are fetched at once, and LATER,
   those that are kept when first used. Both give for each path the start of its SHA-256.

   Files are kept by path and hash, so that a new version fetches only what has changed, and a copy that the
   network cut short goes on where it was. What does not have its hash is not kept: the server has moved on.

   When a page is opened the server is asked for its version, one short line. The same: the page and all
   that it needs come from here, where they are at once. None within two seconds: the same, since there is
   no network, or none to speak of. Another: this page comes from the server, whole, and so does all that it
   asks for; in the meantime the browser installs the new worker, which takes over when a page is opened
   and no other is open. So nobody sees an old page while the new one can be had, nor a mix of the two. */
"use strict";

const FILES = Object.assign({}, FIRST, LATER);
const ROOT = registration.scope;
const STORE = "offline " + ROOT; // other sites may share the host
const PATIENCE = 2000; // ms
const AT_ONCE = 4; // files that are fetched side by side
const NEW_VERSION = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>New version</title>
<meta name="color-scheme" content="light dark"><script>location.reload()</script></html>`;

let filling = null; // the promise of a copy that is being made
let reloads = 0;

function pathOf(address) {
  if (!address.startsWith(ROOT)) return null;
  const path = address.slice(ROOT.length).split(/[?#]/)[0];
  return path === "" || path.endsWith("/") ? path + "index.html" : path;
}

const keyOf = (path) => `${ROOT}${path}?${FILES[path]}`;
const markOf = (client) => `${ROOT}?of-another-version=${client}`;

/* Keep a file, if it is the one that belongs to this version. */
async function keep(path, response) {
  const body = await response.arrayBuffer();
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  const hash = Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!response.ok || !hash.startsWith(FILES[path])) throw new Error(`${path}: of another version`);
  const headers = { "Content-Type": response.headers.get("Content-Type") || "" };
  const store = await caches.open(STORE);
  await store.put(keyOf(path), new Response(body, { headers }));
}

/* Fetch what is missing of FIRST; the first file that fails ends it. */
async function fill() {
  const store = await caches.open(STORE);
  const kept = new Set((await store.keys()).map((request) => request.url));
  const missing = Object.keys(FIRST).filter((path) => !kept.has(keyOf(path)));
  async function work() {
    while (missing.length > 0) {
      const path = missing.shift();
      await keep(path, await fetch(ROOT + path, { cache: "no-cache" }));
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/* Forget the files of other versions. */
async function clean() {
  const store = await caches.open(STORE);
  const wanted = new Set(Object.keys(FILES).map(keyOf));
  for (const request of await store.keys()) {
    if (!wanted.has(request.url)) await store.delete(request);
  }
}

/* Ask the server for its version; null: no answer. */
async function versionThere() {
  if (!navigator.onLine) return null;
  const options = { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) };
  try {
    return (await (await fetch(ROOT + "version.txt", options)).text()).trim();
  } catch {
    return null;
  }
}

async function file(event, path) {
  const store = await caches.open(STORE);
  const kept = await store.match(keyOf(path));
  if (kept) return kept;
  const response = await fetch(event.request);
  if (response.status === 200) event.waitUntil(keep(path, response.clone()).catch(() => {}));
  return response;
}

async function page(event, path) {
  const there = await versionThere();
  if (there !== null && there !== VERSION) {
    // The page that is being left counts too. The number of tries ends what could go round for ever.
    if (registration.waiting && (await clients.matchAll()).length < 2 && reloads++ < 5) {
      registration.waiting.postMessage("take over");
      return new Response(NEW_VERSION, { headers: { "Content-Type": "text/html" } });
    }
    await (await caches.open(STORE)).put(markOf(event.resultingClientId), new Response());
    return fetch(event.request);
  }
  return path in FILES ? file(event, path) : fetch(event.request);
}

async function part(event, path) {
  const store = await caches.open(STORE);
  if (event.clientId && (await store.match(markOf(event.clientId)))) {
    // A worker that such a page starts is one of its parts, and asks for others.
    if (event.resultingClientId) await store.put(markOf(event.resultingClientId), new Response());
    return fetch(event.request);
  }
  return file(event, path);
}

addEventListener("install", (event) => {
  // The first worker of all starts at once, so that what the open page uses is kept; a page says "fill".
  if (registration.active) event.waitUntil(fill());
});

addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([clean(), clients.claim()]));
});

addEventListener("message", (event) => {
  if (event.data === "take over") skipWaiting();
  if (event.data === "fill") {
    filling ??= fill().catch(() => {}).finally(() => { filling = null; });
    event.waitUntil(filling);
  }
});

addEventListener("fetch", (event) => {
  const path = pathOf(event.request.url);
  if (path === null || event.request.method !== "GET") return;
  if (event.request.mode === "navigate") event.respondWith(page(event, path));
  else if (path in FILES) event.respondWith(part(event, path));
});
