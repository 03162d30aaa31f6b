"""Programs that listen: a real HTTP receiver in this process, with a script of its manners."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Call:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes


Manner = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Receiver:
    """What was heard; ``manner`` answers, and may be changed while it listens."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    manner: Manner = lambda handler: answer(handler, 200)
    closing: Event = field(default_factory=Event)

    @property
    def once(self) -> dict[str, Call]:
        """What a receiver that honours the idempotency key took in: each message once."""
        return {call.headers["webhook-id"]: call for call in self.calls}


def answer(handler: BaseHTTPRequestHandler, status: int, text: str = "", **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(text.encode())))
    handler.end_headers()
    handler.wfile.write(text.encode())


def always(status: int, text: str = "", **headers: str) -> Manner:
    return lambda handler: answer(handler, status, text, **headers)


@contextmanager
def listening(
    manner: Manner | None = None, *, tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """A receiver on a port of its own until the block ends."""
    receiver = Receiver()
    if manner is not None:
        receiver.manner = manner

    class Handler(BaseHTTPRequestHandler):
        heard: Call  # what a manner may answer to

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            heard = {name.lower(): value for name, value in self.headers.items()}
            self.heard = Call(self.path, heard, body)
            receiver.calls.append(self.heard)
            try:
                receiver.manner(self)
            except OSError:
                self.close_connection = True

        do_GET = do_POST

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *args: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    receiver.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/hook"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
