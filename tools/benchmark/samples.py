"""Inputs for the models that tools/bench measures: for calibration, and held out to compare results on. Always the same ones.

In tributary's layout a picture's channels come last; the other engines' take them first, and have a dimension for the batch.
"""
import pathlib

import numpy

from benchmark import catalog

STREAMS = {"image": 64, "audio": 50, "text": 32}  # rows of each input of the fusion
WIDTH = 512


def sentences(path, checkpoint, length, count):
    """`count` rows of exactly `length` tokens: the lines of a file, one after the other, between [CLS] and [SEP]."""
    import tokenizers
    tokenizer = tokenizers.Tokenizer.from_file(str(pathlib.Path(checkpoint) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokens = [token for line in open(path) for token in tokenizer.encode(line.strip(), add_special_tokens=False).ids]
    starts = [index * len(tokens) // count for index in range(count)]
    tokens += tokens
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    return [{"tokens": numpy.array([first, *tokens[start : start + length - 2], last], numpy.int32)} for start in starts]


def picture(random, edge=224):
    """Noise of all sizes, as photographs have: the larger, the stronger. Around 0 with a variance of 1."""
    sum_ = numpy.zeros((edge, edge, 3))
    for cells in (2, 4, 7, 14, 28, 56, 112, 224):
        step = edge // cells
        sum_ += numpy.kron(random.standard_normal((cells, cells, 3)), numpy.ones((step, step, 1))) * step**0.5
    return ((sum_ - sum_.mean()) / sum_.std()).astype(numpy.float32)


def sound(random, rate=16000):
    """A second of a voiced tone with harmonics that swells and falls, over some hiss. Within ±1."""
    time = numpy.arange(rate) / rate
    pitch = random.uniform(80, 300) * (1 + 0.05 * numpy.sin(2 * numpy.pi * random.uniform(2, 6) * time))
    phase = 2 * numpy.pi * numpy.cumsum(pitch) / rate
    tone = sum(random.uniform(0.2, 1) / harmonic * numpy.sin(harmonic * phase) for harmonic in range(1, 12))
    swell = numpy.sin(numpy.pi * time * random.integers(1, 5)) ** 2
    wave = tone * swell + 0.05 * random.standard_normal(rate)
    return (0.5 * wave / abs(wave).max()).astype(numpy.float32)[:, None]


def rows(random):
    return {name: random.standard_normal((count, WIDTH)).astype(numpy.float32) for name, count in STREAMS.items()}


def inputs(model, checkpoint, text):
    """(for calibration, held out): lists of {input: array} in tributary's layout."""
    count, kind = catalog.CALIBRATION + catalog.HELD_OUT, catalog.MODELS[model].kind
    random = numpy.random.default_rng(1)
    make = {"picture": lambda: {"pixels": picture(random)}, "sound": lambda: {"samples": sound(random)}, "rows": lambda: rows(random)}
    found = sentences(text, checkpoint, catalog.tokens(model), count) if kind == "sentence" else [make[kind]() for _ in range(count)]
    every = count // catalog.HELD_OUT
    return [one for at, one in enumerate(found) if at % every], found[::every]


def for_peers(example):
    """The same input as the other engines take it."""
    change = {"pixels": lambda values: values.transpose(2, 0, 1), "samples": lambda values: values[:, 0]}
    return {name: numpy.ascontiguousarray(change.get(name, lambda same: same)(values)[None]) for name, values in example.items()}


def numbered(examples):
    """As tributary-train reads them: tensors of float32, named INPUT.NUMBER."""
    return {f"{name}.{number}": values.astype(numpy.float32) for number, one in enumerate(examples) for name, values in one.items()}
