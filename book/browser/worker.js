/* Python for the cells of a page, away from the page itself, so that a reader can stop it.

   The page sends {kind: "load", size} once: the bytes to expect; then {kind: "run", number, source}.
   This sends {kind: "progress", part} while it loads, then {kind: "ready"}; for a cell
   {kind: "text", pieces: [[what, text], ...]}, then {kind: "done", ok, seconds}; and {kind: "failed",
   text} where Python cannot go on. */
import { loadPyodide } from "./pyodide.mjs";

const MOST = 50000;  // characters of output that a page is given
const PAUSE = 100;  // milliseconds between two messages with output
const fetchFile = self.fetch;
let page, expected = 0, received = 0, told = 0;

/* Pyodide says nothing while it loads; what it fetches is counted here. */
self.fetch = async function (...request) {
  const answer = await fetchFile(...request);
  if (!answer.ok || !answer.body || !self.TransformStream) return answer;
  const count = new TransformStream({
    transform(chunk, next) {
      received += chunk.length;
      const part = Math.min(received / expected, 1);
      if (part - told >= 0.01) postMessage({ kind: "progress", part: told = part });
      next.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = answer;
  return new Response(answer.body.pipeThrough(count), { status, statusText, headers });
};

self.onmessage = async function ({ data }) {
  try {
    if (data.kind === "run") return run(data.number, data.source);
    expected = data.size;
    await load();
    postMessage({ kind: "ready" });
  } catch (error) {  // of Pyodide itself: those of a cell are its output
    postMessage({ kind: "failed", text: String(error.message || error).split("\n")[0] });
  }
};

async function load() {
  const cells = new URL("cells.py" + new URL(import.meta.url).search, import.meta.url);
  const [python, code] = await Promise.all([
    loadPyodide({ indexURL: new URL(".", import.meta.url).href, packages: ["numpy"] }),
    fetchFile(cells).then((answer) => {
      if (!answer.ok) throw new Error(`${cells.pathname}: ${answer.status}`);
      return answer.text();
    }),
  ]);
  python.runPython("import numpy");  // while the reader waits anyway
  page = python.runPython(code + "\npage");
}

function run(number, source) {
  const start = performance.now();
  let pieces = [], length = 0, sent = -PAUSE;
  function flush() {
    if (pieces.length) postMessage({ kind: "text", pieces });
    pieces = [];
    sent = performance.now();
  }
  function send(kind, text) {
    if (kind !== "error" && length > MOST) return;
    length += text.length;
    const last = pieces.at(-1);
    if (last && last[0] === kind) last[1] += text;
    else pieces.push([kind, text]);
    if (kind !== "error" && length > MOST) pieces.push(["err", "\n(The rest is left out: too long.)\n"]);
    if (performance.now() - sent > PAUSE) flush();
  }
  const ok = page.run(number, source, send);
  flush();
  postMessage({ kind: "done", ok, seconds: (performance.now() - start) / 1000 });
}
