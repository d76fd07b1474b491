"""Writes the golden pictures of Tests/PreprocessingTests from Pillow and `transformers`.

- NAME.jpg or NAME.png: small pictures
- pictures.rgb: the pixels of all of them, in the order of their names, [29, 37, 3] each, as `Image.open(…).convert("RGB")` gives them
- resizes.tsv: width, height, new width, new height, filter, CRC-32 of the pixels that `Image.resize` makes of the noise described below,
  asked for the rows first and then for the columns: the order of Pillow up to 12; since then it depends on the sizes. The script
  asserts that the order matters by no more than 1 with the bilinear filter; the bicubic one cuts values off between the passes
- processors.tsv: options, width and height of the noise, the input of the model as float32 in hexadecimal, [height, width, 3]
- yuyv.tsv: range, a frame of 16 × 4 in hexadecimal, its pixels as BT.601 has them, rounded to nearest

The noise is that of a linear congruential generator, one byte a step, which the tests make again.

Usage: python tools/oracles/images.py [--output DIR]
Needs: pip install pillow numpy transformers; made with 13.0.0, 2.4.6, 5.23.0.
"""

import argparse
import io
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image
from transformers import CLIPImageProcessorPil, MobileNetV2ImageProcessorPil, ViTImageProcessorPil

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "Tests/PreprocessingTests/Golden"
WIDTH, HEIGHT = 37, 29
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]  # x, y, step of x, step of y


def noise(width, height, channels=3):
    """Bytes of x → 1664525 x + 1013904223 mod 2³² from 1: bits 24 to 31 after each step."""
    state, out = 1, bytearray()
    for _ in range(width * height * channels):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append(state >> 24)
    return np.frombuffer(bytes(out), np.uint8).reshape(height, width, channels)


def scene(channels):
    """A smooth picture with edges: what JPEG is made for."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    waves = [127 + 120 * np.sin(x / (3 + c) + y / (5 - c / 2) + c) for c in range(channels)]
    picture = np.stack(waves, -1)
    picture[5:15, 8:20] = np.linspace(0, 255, channels)
    return picture.round().clip(0, 255).astype(np.uint8)


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(header, rows, extra=b""):
    """A PNG file of the bytes of its rows, with the five filters by turns; `header` is IHDR."""
    packed, before = b"", None
    depth, colour = header[8], header[9]
    step = max(1, {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour] * depth // 8)
    for number, row in enumerate(rows):
        if before is None or len(before) != len(row):
            before = bytes(len(row))
        packed += filtered(row, before, step, number % 5)
        before = row
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(packed, 9)) + chunk(b"IEND", b"")


def paeth(a, b, c):
    distances = abs(b - c), abs(a - c), abs(a + b - 2 * c)
    return (a, b, c)[distances.index(min(distances))]


def filtered(row, before, step, kind):
    out = bytearray([kind])
    for i, value in enumerate(row):
        left = row[i - step] if i >= step else 0
        corner = before[i - step] if i >= step else 0
        up = before[i]
        out.append((value - (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]) & 255)
    return bytes(out)


def header(depth, colour, interlaced=0):
    return struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, colour, 0, 0, interlaced)


def interlaced():
    picture = scene(3)
    rows = [picture[y, x0::dx].tobytes() for x0, y0, dx, dy in ADAM7 for y in range(y0, HEIGHT, dy)]
    return png(header(8, 2, 1), rows)


def packed_rows(depth):
    """Rows of values of fewer than 8 bits."""
    values = noise(WIDTH, HEIGHT, 1)[:, :, 0] >> (8 - depth)
    bits = np.unpackbits(values[:, :, None], axis=2)[:, :, 8 - depth:].reshape(HEIGHT, -1)
    return [np.packbits(row).tobytes() for row in bits]


def palette(entries):
    return chunk(b"PLTE", noise(entries, 1).tobytes())


def saved(picture, mode, **options):
    file = io.BytesIO()
    Image.fromarray(picture, mode).save(file, **options)
    return file.getvalue()


def pictures():
    """The files by name."""
    jpeg = dict(format="JPEG", quality=85)
    rgb, grey = scene(3), scene(1)[:, :, 0]
    wide = noise(WIDTH, HEIGHT, 8)
    return {
        "baseline444.jpg": saved(rgb, "RGB", **jpeg, subsampling=0),
        "baseline422.jpg": saved(rgb, "RGB", **jpeg, subsampling=1),
        "baseline420.jpg": saved(rgb, "RGB", **jpeg, subsampling=2),
        "restarts.jpg": saved(rgb, "RGB", **jpeg, subsampling=2, restart_marker_blocks=2),
        "progressive.jpg": saved(rgb, "RGB", **jpeg, subsampling=2, progressive=True),
        "rgbcoded.jpg": saved(rgb, "RGB", **jpeg, keep_rgb=True),
        "greyscale.jpg": saved(grey, "L", **jpeg),
        "greyprogressive.jpg": saved(grey, "L", **jpeg, progressive=True),
        "inks.jpg": saved(scene(4), "CMYK", **jpeg),
        "truecolour.png": png(header(8, 2), [row.tobytes() for row in rgb]),
        "adam7.png": interlaced(),
        "alpha.png": png(header(8, 6), [row.tobytes() for row in scene(4)]),
        "greyalpha.png": png(header(8, 4), [row.tobytes() for row in scene(2)]),
        "grey1.png": png(header(1, 0), packed_rows(1)),
        "grey2.png": png(header(2, 0), packed_rows(2)),
        "grey4.png": png(header(4, 0), packed_rows(4), chunk(b"tRNS", b"\0\3")),
        "grey8.png": png(header(8, 0), [row.tobytes() for row in grey]),
        "grey16.png": png(header(16, 0), [row.tobytes() for row in wide[:, :, :2]]),
        "colour16.png": png(header(16, 2), [row.tobytes() for row in wide[:, :, :6]], chunk(b"gAMA", b"\0\0\xb1\x8f")),
        "alpha16.png": png(header(16, 6), [row.tobytes() for row in wide]),
        "palette1.png": png(header(1, 3), packed_rows(1), palette(2)),
        "palette4.png": png(header(4, 3), packed_rows(4), palette(16) + chunk(b"tRNS", b"\0\x80\xff")),
        "palette8.png": png(header(8, 3), [row.tobytes() for row in noise(WIDTH, HEIGHT, 1)], palette(256)),
    }


def pixels(data):
    picture = Image.open(io.BytesIO(data))
    if picture.mode == "I;16":
        high = (np.asarray(picture) >> 8).astype(np.uint8)
        return np.repeat(high[:, :, None], 3, 2)
    return np.asarray(picture.convert("RGB"))


def resizes():
    sizes = [(1, 1), (1, 7), (7, 1), (2, 3), (37, 29), (64, 48), (100, 33), (33, 100), (160, 120), (320, 240)]
    targets = [(1, 1), (5, 4), (16, 16), (37, 29), (56, 56), (224, 224)]
    for width, height in sizes:
        picture = Image.fromarray(noise(width, height))
        for wide, high in targets:
            for name, method in FILTERS.items():
                out = picture.resize((wide, height), method).resize((wide, high), method)
                either = picture.resize((wide, high), method)
                assert name == "bicubic" or np.abs(np.asarray(out, int) - np.asarray(either, int)).max() <= 1
                yield width, height, wide, high, name, f"{zlib.crc32(out.tobytes()):08x}"


def processors():
    crop = dict(height=16, width=16)
    known = {
        "vit": ViTImageProcessorPil(size=crop),
        "clip": CLIPImageProcessorPil(size=dict(shortest_edge=16), crop_size=crop),
        "mobilenet": MobileNetV2ImageProcessorPil(size=dict(shortest_edge=21), crop_size=crop),
    }
    for name, processor in known.items():
        for width, height in [(64, 48), (33, 100), (16, 16), (9, 11)]:
            picture = Image.fromarray(noise(width, height))
            values = np.asarray(processor(picture, return_tensors="np")["pixel_values"][0], np.float32).transpose(1, 2, 0)
            assert values.shape == (16, 16, 3), values.shape
            yield name, width, height, values.astype(">f4").tobytes().hex()


def yuyv(limited):
    frame = noise(16, 4, 2)
    luma = frame[:, :, 0].astype(float)
    u, v = (np.repeat(frame[:, start::2, 1].astype(float) - 128, 2, 1) for start in (0, 1))
    y, c = ((luma - 16) * 255 / 219, 255 / 224) if limited else (luma, 1)
    u, v = u * c, v * c
    kr, kb = 0.299, 0.114
    kg = 1 - kr - kb
    rgb = np.stack([y + 2 * (1 - kr) * v, y - 2 * kb * (1 - kb) / kg * u - 2 * kr * (1 - kr) / kg * v, y + 2 * (1 - kb) * u], -1)
    return "limited" if limited else "full", frame.tobytes().hex(), rgb.round().clip(0, 255).astype(np.uint8).tobytes().hex()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, default=GOLDEN)
    output = parser.parse_args().output
    files = dict(sorted(pictures().items()))
    for name, data in files.items():
        (output / name).write_bytes(data)
    (output / "pictures.rgb").write_bytes(b"".join(pixels(data).tobytes() for data in files.values()))
    tables = {"resizes.tsv": resizes(), "processors.tsv": processors(), "yuyv.tsv": [yuyv(True), yuyv(False)]}
    for name, rows in tables.items():
        (output / name).write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))


if __name__ == "__main__":
    main()
