"""A headless Chromium for tests: opens pages of a folder served here, and tells what they did.

It speaks the DevTools protocol through websocket-client, which Jupyter's server needs anyway; a
driver of its own (Playwright, Selenium) is larger than all the site.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import websocket

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book"))
import serve  # noqa: E402

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--disable-dev-shm-usage --disable-default-apps --disable-extensions"
).split()
PATIENCE = 30  # seconds: a page that needs longer counts as broken


def find_chromium() -> str | None:
    """Say where a Chromium is installed, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def served(folder: Path):
    """Serve a folder on this machine, as `make serve` does.

    Args:
        folder: its files.

    Yields:
        The address, without a slash at its end.
    """
    with serve.server(folder, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@dataclass
class Visit:
    """What happened while a page was open.

    Args:
        requests: the addresses that were asked for, in order.
        errors: what a reader would find in the console: errors, exceptions, failed requests.
        size: bytes that came, compressed as they were.
    """

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    size: int = 0


class Page:
    """One tab."""

    def __init__(self, address: str, workers: bool = False):
        # Chromium turns away whoever names an origin.
        self._socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        self._next = 0
        self._loaded = False
        self._pending = set()
        self.visit = Visit()
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(f"{domain}.enable")
        if not workers:
            script = "delete Navigator.prototype.serviceWorker"
            self.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def call(self, method: str, **params):
        """Call a method of the protocol, such as Page.navigate, and return its result."""
        self._next += 1
        self._socket.send(json.dumps({"id": self._next, "method": method, "params": params}))
        while True:
            message = self._receive()
            if message.get("id") == self._next:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]

    def open(self, address: str, width: int = 1200, dark: bool = False) -> Visit:
        """Open a page and wait until it, its fonts and its requests are there.

        Args:
            address: of the page.
            width: of the window, in CSS pixels.
            dark: whether the reader prefers dark.

        Returns:
            What happened so far; it goes on growing until the next `open`.
        """
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media="", features=[feature])
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.call("Network.setCacheDisabled", cacheDisabled=True)
        self.visit, self._loaded, self._pending = Visit(), False, set()
        self.call("Page.navigate", url=address)
        end = time.monotonic() + PATIENCE
        while not self._loaded or self._pending:
            if time.monotonic() > end:
                raise TimeoutError(f"{address} still waits for {sorted(self._pending)}")
            self._receive()
        self.run("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        return self.visit

    def run(self, script: str):
        """Evaluate an expression of JavaScript in the page and return its value, as JSON has it.

        Raises:
            RuntimeError: the script threw.
        """
        options = {"returnByValue": True, "awaitPromise": True}
        answer = self.call("Runtime.evaluate", expression=script, **options)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def _receive(self) -> dict:
        message = json.loads(self._socket.recv())
        method, params = message.get("method"), message.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Network.requestWillBeSent":
            self._pending.add(params["requestId"])
            self.visit.requests.append(params["request"]["url"])
        elif method == "Network.loadingFinished":
            self._pending.discard(params["requestId"])
            self.visit.size += int(params["encodedDataLength"])
        elif method == "Network.loadingFailed":
            self._pending.discard(params["requestId"])
            if not params.get("canceled"):
                self.visit.errors.append(params["errorText"])
        elif method == "Network.responseReceived" and params["response"]["status"] >= 400:
            response = params["response"]
            self.visit.errors.append(f"{response['status']} {response['url']}")
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            text = details.get("exception", {}).get("description", details["text"])
            self.visit.errors.append(text)
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
            words = (str(a.get("value", a.get("description"))) for a in params["args"])
            self.visit.errors.append(" ".join(words))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.visit.errors.append(params["entry"]["text"])
        return message


@contextmanager
def chromium(program: str, workers: bool = False):
    """Start a Chromium of its own, with nothing remembered.

    Args:
        program: its path.
        workers: whether pages may have service workers; without them each request goes to the
            server, and counts.

    Yields:
        A `Page`.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, f"--user-data-dir={profile}", "--remote-debugging-port=0"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen([*command, "about:blank"], **quiet)
        try:
            port_file = Path(profile) / "DevToolsActivePort"
            end = time.monotonic() + PATIENCE
            while not (port_file.exists() and port_file.read_text()):
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{program} did not start")
                time.sleep(0.05)
            port = port_file.read_text().split()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
                tabs = [tab for tab in json.load(answer) if tab["type"] == "page"]
            yield Page(tabs[0]["webSocketDebuggerUrl"], workers)
        finally:
            process.terminate()
            process.wait(10)
