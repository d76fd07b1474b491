"""Writes Tests/WireTests/Golden/dictionary.bin: a zstd dictionary trained by libzstd's own Python binding.

Run from the repository's root: pip install zstandard && python3 tools/oracles/feature_dictionary.py
"""

import pathlib
import random

import zstandard

ROW = 67


def row(kind):
    return bytes((index * index * (kind + 3) + 7 * kind) % 251 for index in range(ROW))


def features(rows, chance):
    return b"".join(row(chance.randrange(16)) for _ in range(rows))


def main():
    chance = random.Random(1)
    samples = [features(chance.randrange(2, 24), chance) for _ in range(400)]
    made = zstandard.train_dictionary(2048, samples)
    pathlib.Path("Tests/WireTests/Golden/dictionary.bin").write_bytes(made.as_bytes())


main()
