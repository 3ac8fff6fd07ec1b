addEventListener("load", () => {
  const workers = navigator.serviceWorker;  // absent on file:// and on plain http
  if (!workers || navigator.connection?.saveData) return;
  (window.requestIdleCallback || setTimeout)(async () => {
    try { await workers.register("ROOT/sw.js", { updateViaCache: "none" }); } catch { return; }
    (await workers.ready).active.postMessage("fill");
  });
});
