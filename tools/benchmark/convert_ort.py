"""ONNX Runtime's forms of a model for tools/bench:  python -m benchmark.convert_ort MODEL FOLDER OUT exact|saturating

INT8 has the shape that was found fastest at good accuracy. Dynamic: matrix products, and convolutions as they have a kernel. Static:
all of a convolutional network; of a transformer the products with weights, while attention's own products, softmax, norms and
activations stay in float32, and the output of a Gemm is not quantised again, since float32 operations read it. On processors without
dot products a bit of the weights' range is given up, because the kernels for those saturate.
"""
import shutil
import sys

import onnx
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process

from benchmark import convert

ALL = ["MatMul", "Gemm", "Conv", "Add", "Relu", "Clip", "GlobalAveragePool", "MaxPool"]


def prepared(folder, out):
    """The graph after the runtime's own folding, which quantisation wants."""
    ready = out / "ready.onnx"
    quant_pre_process(str(folder / "float32.onnx"), str(ready), skip_symbolic_shape=True)
    return ready


def dynamic(ready, target, has_less_range):
    quantization.quantize_dynamic(ready, target, weight_type=quantization.QuantType.QInt8, per_channel=True, reduce_range=has_less_range)


def static(ready, target, model, folder, has_less_range):
    graph = onnx.load(ready).graph
    constants = {constant.name for constant in graph.initializer}
    between = [node.name for node in graph.node if node.op_type == "MatMul" and not constants.intersection(node.input)]
    feed = iter(convert.feeds(folder))
    reader = type("Reader", (quantization.CalibrationDataReader,), {"get_next": lambda self: next(feed, None)})()
    is_plain = convert.are_convolutions(model)
    quantization.quantize_static(
        ready, target, reader, quant_format=quantization.QuantFormat.QDQ, activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8, per_channel=True, reduce_range=has_less_range,
        op_types_to_quantize=ALL if is_plain else ALL[:3], nodes_to_exclude=between,
        calibrate_method=quantization.CalibrationMethod.MinMax,
        extra_options={} if is_plain else {"OpTypesToExcludeOutputQuantization": ["Gemm"]})


def main(model, folder, out, width):
    ready, has_less_range = prepared(folder, out), width == "saturating"
    convert.attempt(out, {
        "ort-float32": lambda target: shutil.copy(folder / "float32.onnx", target),
        "ort-dynamic": lambda target: dynamic(ready, target, has_less_range),
        "ort-static": lambda target: static(ready, target, model, folder, has_less_range),
    })
    ready.unlink()


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(sys.argv[1], convert.pathlib.Path(sys.argv[2]), convert.pathlib.Path(sys.argv[3]), sys.argv[4])
