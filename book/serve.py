"""Shows the built website on this machine, compressed as a web server would: `make serve`."""

import argparse
import functools
import gzip
import io
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"
COMPRESSED = {".html", ".css", ".js", ".mjs", ".json", ".svg", ".txt", ".ipynb", ".wasm", ".xml"}


class Handler(SimpleHTTPRequestHandler):
    """Files of a folder; what is text goes through gzip where the browser takes it."""

    def send_head(self):
        """Send the headers and return the file that follows; see `http.server`."""
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.split("?")[0].endswith("/"):
            path /= "index.html"
        accepted = "gzip" in self.headers.get("Accept-Encoding", "")
        if not (accepted and path.suffix in COMPRESSED and path.is_file()):
            return super().send_head()
        body = compressed(path, path.stat().st_mtime_ns)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        return io.BytesIO(body)

    def log_message(self, *_):
        """Say nothing."""


@functools.lru_cache(500)
def compressed(path: Path, changed: int) -> bytes:
    """Return a file's content through gzip.

    Args:
        path: the file.
        changed: when it was changed, in nanoseconds; another time is another content.
    """
    return gzip.compress(path.read_bytes(), mtime=0)


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a folder, for this machine only.

    Args:
        folder: its files.
        port: 0 for one that is free.

    Raises:
        OSError: the port is taken.
    """
    handler = functools.partial(Handler, directory=str(folder))
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


def main() -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python book/serve.py", description=__doc__)
    parser.add_argument("--site", type=Path, default=SITE, help="the built website")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    if not (arguments.site / "index.html").is_file():
        print(f"{arguments.site} has no website: run `make book` first", file=sys.stderr)
        return 1
    try:
        running = server(arguments.site, arguments.port)
    except OSError as error:
        print(
            f"port {arguments.port}: {error.strerror}; try `python book/serve.py --port 8001`",
            file=sys.stderr,
        )
        return 1
    print(f"http://127.0.0.1:{running.server_port} (Ctrl-C stops it)", flush=True)
    try:
        running.serve_forever()
    except KeyboardInterrupt:
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
