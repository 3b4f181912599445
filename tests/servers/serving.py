"""Serves a WSGI application on free ports of the loopback address until standard input is closed."""

import os
import signal
import sys
import threading
import traceback

from werkzeug.serving import WSGIRequestHandler, make_server


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_arguments):
        pass


def made(application):
    return make_server("127.0.0.1", 0, application, threaded=True, request_handler=Handler)


def serve_copies(application, prepare, begin):
    """Prepares, with the URL of a server. Then each line of standard input that begins with `+` names a folder: a process with all that
    was prepared begins with that folder, and its port is printed. `-` and the folder ends it. Does not return."""
    server = made(application)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    prepare(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    serving.join()
    server.server_close()
    copies = {}
    for line in sys.stdin:
        order, folder = line[0], line[1:].rstrip("\n")
        if order == "-":
            end(copies.pop(folder))
            continue
        copies[folder] = os.fork()
        if copies[folder] == 0:
            serve_copy(application, begin, folder)
    for copy in copies.values():
        end(copy)
    os._exit(0)


def serve_copy(application, begin, folder):
    try:
        begin(folder)
        copy = made(application)
        print(copy.server_port, flush=True)
        copy.serve_forever()
    except BaseException:
        traceback.print_exc()
        # Who asked for the port waits for a line.
        print(flush=True)
    finally:
        os._exit(1)


def end(copy):
    os.kill(copy, signal.SIGKILL)
    os.waitpid(copy, 0)


def serve(application, prepare=lambda url: None):
    """Prepares, with the server's URL, then prints the port; does not return."""
    server = made(application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    prepare(f"http://127.0.0.1:{server.server_port}")
    print(server.server_port, flush=True)
    # The test holds the other end: it is closed when the test ends, in whatever way.
    sys.stdin.read()
    os._exit(0)
