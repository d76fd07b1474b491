"""Writes Tests/WireTests/Golden/frames.txt: frames of every type, packed here from the format's description alone.

Run from the repository's root: python3 tools/oracles/frames.py
"""

import pathlib
import struct

BUNDLE = bytes(range(0xA0, 0xC0))


def crc32c(data, start=0):
    state = start ^ 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
    return state ^ 0xFFFFFFFF


def frame(kind, body=b"", encoding=0, credits=0, plan=bytes(8), session=0, request=0, time=0, sequence=0, present=0):
    """`time` is a request's deadline or a result's microseconds; `present` a request's inputs or a peer's wait."""
    head = b"TRBW" + bytes([1, kind, encoding, credits]) + plan
    head += struct.pack("<IIIHHI", session, request, time, sequence, present, len(body))
    trailer = struct.pack("<I", crc32c(body, crc32c(head))) if body else b""
    return head + struct.pack("<I", crc32c(head)) + body + trailer


def plan(split):
    return BUNDLE[:6] + struct.pack("<H", split)


FRAMES = {
    "hello": frame(1, bytes([1, 3, 0, 0]) + BUNDLE),
    "welcome": frame(2, struct.pack("<BBHHH", 2, 0, 7, 512, 4096) + BUNDLE, session=9, credits=4, present=12),
    "request": frame(3, bytes(range(64)), plan=plan(4), session=9, request=5, time=2000, sequence=2, present=5),
    "compressed": frame(3, bytes(range(32)), encoding=1, plan=plan(6), session=9, request=6, time=1, sequence=65535, present=1),
    "dictionary": frame(3, bytes(range(32)), encoding=19, plan=plan(6), session=9, request=6, time=1, sequence=1, present=1),
    "delta": frame(3, struct.pack("<I", 5) + bytes(9), encoding=21, plan=plan(6), session=9, request=6, time=1, sequence=1, present=2),
    "named": frame(3, bytes(range(16)), encoding=8, plan=plan(6), session=9, request=7, time=1, sequence=1, present=2),
    "raw": frame(
        3, bytes([1, 0, 0, 0]) + struct.pack("<I", 3) + b"cat" + bytes([2, 0, 0, 0]) + struct.pack("<I", 2) + b"\xff\xd8", plan=plan(65535),
        session=9, request=8, time=1, sequence=1, present=3),
    "result": frame(4, bytes(range(255, 239, -1)), plan=plan(4), session=9, request=5, sequence=2, credits=3, time=1500, present=7),
    "error": frame(
        5, struct.pack("<H", 9) + b"the peer has no room for another request or connection", plan=plan(0), session=9, request=5,
        present=250),
    "ping": frame(6, session=9, request=1),
    "pong": frame(7, session=9, request=1, credits=255, present=65535),
    "goodbye": frame(8, session=9),
}


def main():
    assert crc32c(b"123456789") == 0xE3069283
    lines = [f"{name} {data.hex()}\n" for name, data in FRAMES.items()]
    golden = pathlib.Path("Tests/WireTests/Golden/frames.txt")
    golden.parent.mkdir(parents=True, exist_ok=True)
    golden.write_text("".join(lines))


main()
