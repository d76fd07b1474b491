"""Thousands of connections to a peer on this machine: some that only wait, some that drip."""
import contextlib
import multiprocessing
import os
import socket
import ssl
import time

import common
import wire

NEIGHBOURS = 30  # connections from one address: fewer than a peer grants to one device
PAUSE = 5  # seconds between two bytes of a drip


def source(number):
    """The address on this machine that the connection with that number comes from."""
    house = number // NEIGHBOURS + 1
    return f"127.1.{house // 250}.{house % 250 + 1}", 0


def connect(address, number, context=None):
    """A connection, over TLS where there is a context for it."""
    host, port = address.rsplit(":", 1)
    plain = socket.create_connection((host, int(port)), timeout=10, source_address=source(number))
    return context.wrap_socket(plain, server_hostname=host) if context else plain


def device_context(folder):
    """How the device of the certificates in a folder speaks TLS."""
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    context.load_cert_chain(folder / "device.pem", folder / "device.key")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def greet(connection, bundle):
    """Says hello. Returns the session's number."""
    connection.sendall(wire.hello(bundle))
    kind, session, _ = wire.receive(connection) or (None, 0, b"")
    if kind != wire.WELCOME:
        raise common.Failure(f"a hello was answered by a frame of type {kind}")
    return session


@contextlib.contextmanager
def idle(address, bundle, count, context=None):
    """That many connections, greeted, that say no more while the block runs."""
    with contextlib.ExitStack() as stack:
        for number in range(count):
            greet(stack.enter_context(connect(address, number, context)), bundle)
        yield


class Drips:
    """Connections that send a byte of a frame now and then, from a process of their own; what the peer closes is opened again. Every second
    one has said a whole hello before."""

    def __init__(self, address, bundle, count):
        fork = multiprocessing.get_context("fork")
        self.counts = fork.Array("Q", 2)
        self.process = fork.Process(target=self.drive, args=(address, bundle, count), daemon=True)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()

    @property
    def opened(self):
        """Connections so far, with those that were opened again."""
        return self.counts[0]

    @property
    def bytes(self):
        """Sent so far."""
        return self.counts[1]

    def drive(self, address, bundle, count):
        os.nice(10)  # what the drips themselves take is not to slow the peer
        drips = [None] * count
        while True:
            for number in range(count):
                begun = time.monotonic()
                drips[number] = self.drip(drips[number], address, bundle, number)
                time.sleep(max(0, PAUSE / count - (time.monotonic() - begun)))

    def drip(self, drip, address, bundle, number):
        """The connection and what it has still to send, after another byte; None where there is no connection."""
        try:
            connection, rest = drip or self.open_one(address, bundle, number)
        except (OSError, common.Failure):
            return None
        try:
            connection.send(rest[:1])
        except OSError:
            connection.close()
            return None
        self.counts[1] += 1
        return connection, rest[1:] or rest

    def open_one(self, address, bundle, number):
        connection = connect(address, number)
        self.counts[0] += 1
        if number % 2 == 1:
            return connection, wire.hello(bundle)
        return connection, wire.frame(wire.PING, session=greet(connection, bundle), request=1)
