"""LiteRT's forms of a model for tools/bench:  python -m benchmark.convert_litert MODEL FOLDER OUT exact|saturating

float32 as litert-torch converts it; from that ai-edge-quantizer makes dynamic (8-bit weights, activations quantised on the way) and
static INT8 (8-bit weights and activations, from calibration).
"""
import pathlib
import sys

import litert_torch
import numpy
import torch
from ai_edge_quantizer import quantizer, recipe
from ai_edge_quantizer.utils import tfl_interpreter_utils

from benchmark import convert, zoo


def plain(model, folder, target):
    feed = [torch.from_numpy(values) for values in dict(numpy.load(folder / "first.npz")).values()]
    with torch.no_grad():
        litert_torch.convert(zoo.load(model, folder / "from"), tuple(feed)).export(str(target))


def quantized(source, rules, target, feeds=None):
    made = quantizer.Quantizer(str(source))
    made.load_quantization_recipe(rules)
    if feeds is None:
        return made.quantize().export_model(str(target), overwrite=True)
    signatures = tfl_interpreter_utils.create_tfl_interpreter(str(source)).get_signature_list()
    name, signature = next(iter(signatures.items()))
    rows = [dict(zip(sorted(signature["inputs"]), feed.values())) for feed in feeds]
    return made.quantize(made.calibrate({name: rows})).export_model(str(target), overwrite=True)


def main(model, folder, out):
    source = out / "litert-float32.tflite"
    convert.attempt(out, {
        "litert-float32": lambda target: plain(model, folder, target),
        "litert-dynamic": lambda target: quantized(source, recipe.dynamic_wi8_afp32(), target),
        "litert-static": lambda target: quantized(source, recipe.static_wi8_ai8(), target, convert.feeds(folder)[:8]),
    })


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
