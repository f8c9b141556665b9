"""A local issuer: it serves keys, counts requests, and can fail, hang and stop."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from latchkey import Verifier

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors.json").read_text("utf-8")
)
NOW: int = VECTORS["now"]
KEYS = json.dumps(VECTORS["jwks"]).encode()


def token(name: str) -> str:
    """The token of the case with this name."""
    return next(str(case["token"]) for case in VECTORS["cases"] if case["name"] == name)


class ManualClock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def time(self) -> float:
        return NOW

    def monotonic(self) -> float:
        return 1000 + self.elapsed


class Issuer:
    """The server; `respond` maps a path to a status, headers and a body."""

    def __init__(self) -> None:
        self.body = KEYS
        self.status = 200
        self.headers: dict[str, str] = {}
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.gate = threading.Event()
        self.gate.set()
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                seen = {name.lower(): value for name, value in self.headers.items()}
                issuer.requests.append((self.path, seen, self.rfile.read(length)))
                issuer.gate.wait(10)
                self.send_response(issuer.status)
                for name, value in issuer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(issuer.body)))
                self.end_headers()
                self.wfile.write(issuer.body)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            # Clients that gave up are expected here.
            handle_error = lambda *_: None  # noqa: E731

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def verifier(self, clock: ManualClock | None = None) -> Verifier:
        """A verifier of the vectors' issuer whose keys are here."""
        url = f"{self.url}/.well-known/jwks.json"
        return Verifier(VECTORS["issuer"], VECTORS["audience"], url, clock=clock or ManualClock())

    def stop(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
