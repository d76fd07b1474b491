"""Frames as Sources/Wire/FrameHeader.swift lays them out, for test beds that break their rules."""
import struct

HELLO, WELCOME, REQUEST, RESULT, ERROR, PING, PONG, GOODBYE = range(1, 9)
RAW = 0xFFFF  # in place of a split point
VERSION = 2
HEADER = 40


def checksum(data, table=[]):
    """CRC-32C."""
    if not table:
        for value in range(256):
            for _ in range(8):
                value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
            table.append(value)
    state = 0xFFFFFFFF
    for byte in data:
        state = state >> 8 ^ table[(state ^ byte) & 0xFF]
    return state ^ 0xFFFFFFFF


def head(kind, length, session=0, request=0, encoding=0, plan=bytes(8), deadline=0, sequence=0, present=0):
    """A header that declares a body of that length."""
    plain = struct.pack("<4sBBBB8sIIIHHI", b"TRBW", 1, kind, encoding, 0, plan, session, request, deadline, sequence, present, length)
    return plain + struct.pack("<I", checksum(plain))


def frame(kind, body=b"", **fields):
    header = head(kind, len(body), **fields)
    return header + body + struct.pack("<I", checksum(header[:36] + body)) if body else header


def hello(bundle):
    """`bundle` is the hash of one, in hexadecimal."""
    return frame(HELLO, bytes([VERSION, VERSION, 0, 0]) + bytes.fromhex(bundle))


def plan(bundle, split):
    return bytes.fromhex(bundle)[:6] + struct.pack("<H", split)


def receive(socket):
    """The kind, session and body of the next frame; None where the connection ends before it is whole."""
    header = receive_bytes(socket, HEADER)
    if header is None:
        return None
    kind, session, length = header[5], *struct.unpack_from("<I", header, 16), *struct.unpack_from("<I", header, 32)
    body = receive_bytes(socket, length + 4) if length else b""
    return None if body is None else (kind, session, body[:-4])


def receive_bytes(socket, count):
    data = b""
    while len(data) < count:
        try:
            part = socket.recv(count - len(data))
        except ConnectionError:
            return None
        if not part:
            return None
        data += part
    return data
