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


def frame(kind, body=b"", flags=0, plan=bytes(8), session=0, request=0, deadline=0, sequence=0):
    head = b"TRBW" + bytes([1, kind, flags, 0]) + plan
    head += struct.pack("<IIIHHI", session, request, deadline, sequence, 0, len(body))
    trailer = struct.pack("<I", crc32c(body, crc32c(head))) if body else b""
    return head + struct.pack("<I", crc32c(head)) + body + trailer


def plan(split):
    return BUNDLE[:6] + struct.pack("<H", split)


FRAMES = {
    "hello": frame(1, bytes([1, 3, 0, 0]) + BUNDLE),
    "welcome": frame(2, struct.pack("<BBHHH", 1, 0, 7, 512, 0) + BUNDLE, session=9),
    "request": frame(3, bytes(range(64)), plan=plan(4), session=9, request=5, deadline=2000, sequence=2),
    "compressed": frame(3, bytes(range(32)), flags=1, plan=plan(6), session=9, request=6, deadline=1, sequence=65535),
    "result": frame(4, bytes(range(255, 239, -1)), plan=plan(4), session=9, request=5, sequence=2),
    "error": frame(5, struct.pack("<H", 9) + b"the peer has no room for another request or connection", plan=plan(0), session=9, request=5),
    "ping": frame(6, session=9, request=1),
    "pong": frame(7, session=9, request=1),
    "goodbye": frame(8, session=9),
}


def main():
    assert crc32c(b"123456789") == 0xE3069283
    lines = [f"{name} {data.hex()}\n" for name, data in FRAMES.items()]
    golden = pathlib.Path("Tests/WireTests/Golden/frames.txt")
    golden.parent.mkdir(parents=True, exist_ok=True)
    golden.write_text("".join(lines))


main()
