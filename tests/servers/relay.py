"""Carries connections into and out of a network namespace, through unix sockets.

A socket's path is the one door that a network namespace leaves open. This file is
both sides: imported outside, run as a script inside, so it needs nothing but Python.
"""

import contextlib
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from threading import Thread

Address = int | str  # a port on loopback, or a unix socket's path
SIOCSIFFLAGS = 0x8914


@contextlib.contextmanager
def relay(source: Address, target: Address) -> Iterator[None]:
    with _listen(source) as listener:
        Thread(target=_serve, args=(listener, target), daemon=True).start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)  # wakes accept, which close would not


def _listen(source: Address) -> socket.socket:
    if isinstance(source, int):
        return socket.create_server(("127.0.0.1", source))
    return socket.create_server(source, family=socket.AF_UNIX)


def _dial(target: Address) -> socket.socket:
    if isinstance(target, int):
        return socket.create_connection(("127.0.0.1", target))
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(target)
    except OSError:
        connection.close()
        raise
    return connection


def _serve(listener: socket.socket, target: Address) -> None:
    with contextlib.suppress(OSError):
        while True:
            Thread(target=_carry, args=(listener.accept()[0], target), daemon=True).start()


def _carry(client: socket.socket, target: Address) -> None:
    """Nobody at the other end is a closed connection, as it is without us."""
    with client, contextlib.suppress(OSError), _dial(target) as server:
        back = Thread(target=_pump, args=(server, client), daemon=True)
        back.start()
        _pump(client, server)
        back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def main(arguments: list[str]) -> int:
    """`SOURCE TARGET … -- COMMAND …`, in a namespace whose loopback is still down."""
    split = arguments.index("--")
    ends = [int(end) if end.isdigit() else end for end in arguments[:split]]
    _raise_loopback()
    with contextlib.ExitStack() as stack:
        for source, target in zip(ends[::2], ends[1::2], strict=True):
            stack.enter_context(relay(source, target))
        return _run(arguments[split + 1 :])


def _raise_loopback() -> None:
    with socket.socket() as any_socket:
        up = struct.pack("16sh22x", b"lo", 1)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, up)


def _run(command: list[str]) -> int:
    """By force, since local-slack does not always end when asked to."""
    child = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda number, frame: os.kill(child.pid, signal.SIGKILL))
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
