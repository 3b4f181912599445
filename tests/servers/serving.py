"""Serves a WSGI application on a free port of the loopback address until standard input is closed."""

import os
import sys
import threading

from werkzeug.serving import WSGIRequestHandler, make_server


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_arguments):
        pass


def serve(application, prepare=lambda url: None):
    """Prepares, with the server's URL, then prints the port; does not return."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    prepare(f"http://127.0.0.1:{server.server_port}")
    print(server.server_port, flush=True)
    # The test holds the other end: it is closed when the test ends, in whatever way.
    sys.stdin.read()
    os._exit(0)
