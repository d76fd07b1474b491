"""OpenVINO's forms of a model for tools/bench:  python -m benchmark.convert_openvino MODEL FOLDER OUT exact|saturating

INT8 is what nncf's post-training quantisation makes, told whether the model is a transformer; its answer to processors without dot
products is the plugin's own business.
"""
import pathlib
import sys

import nncf
import openvino

from benchmark import convert


def quantized(plain, model, folder):
    feeds = convert.feeds(folder)
    kind = None if convert.are_convolutions(model) else nncf.ModelType.TRANSFORMER
    return nncf.quantize(plain, nncf.Dataset(feeds), subset_size=len(feeds), preset=nncf.QuantizationPreset.MIXED, model_type=kind)


def main(model, folder, out):
    def read():
        return openvino.convert_model(str(folder / "float32.onnx"))

    def save(made, target):
        openvino.save_model(made, str(target), compress_to_fp16=False)

    convert.attempt(out, {
        "openvino-float32": lambda target: save(read(), target),
        "openvino-int8": lambda target: save(quantized(read(), model, folder), target),
    })


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
