"""What tools/bench measures: the models and the engines, by their names on its command line, and what the project aims at."""
import typing

OURS = "tributary"

# Aims, against the best INT8 engine beside it: how many times as fast, as quick to start; which part of the memory.
TRANSFORMER, CONVOLUTIONS = 1.6, 1.1
COLD_START, MEMORY = 20, 1 / 4

CALIBRATION, HELD_OUT = 24, 8  # inputs of each model


class Model(typing.NamedTuple):
    title: str
    kind: str
    faster: float = TRANSFORMER


MODELS = {
    "minilm-16": Model("all-MiniLM-L6-v2, 16 tokens", "sentence"),
    "minilm-64": Model("all-MiniLM-L6-v2, 64 tokens", "sentence"),
    "minilm-128": Model("all-MiniLM-L6-v2, 128 tokens", "sentence"),
    "vit-tiny": Model("ViT-Tiny/16, 224 × 224, random weights", "picture"),
    "vit-small": Model("ViT-Small/16, 224 × 224, random weights", "picture"),
    "mobilenetv2": Model("MobileNetV2, 224 × 224, random weights", "picture", CONVOLUTIONS),
    "resnet18": Model("ResNet-18, 224 × 224, random weights", "picture", CONVOLUTIONS),
    "audio": Model("Wav2Vec2, 4 layers of 256, one second, random weights", "sound"),
    "fusion": Model("fusion, 6 layers of 512 over 146 rows, random weights", "rows"),
}

ARCHITECTURES = {"vit-tiny": "vit_tiny_patch16_224", "vit-small": "vit_small_patch16_224", "mobilenetv2": "mobilenetv2_100",
                 "resnet18": "resnet18"}  # of timm


class Engine(typing.NamedTuple):
    family: str
    file: str
    is_int8: bool = True


ENGINES = {
    OURS: Engine(OURS, ""),
    "ort-dynamic": Engine("ort", "ort-dynamic.onnx"),
    "ort-static": Engine("ort", "ort-static.onnx"),
    "openvino-int8": Engine("openvino", "openvino-int8.xml"),
    "litert-dynamic": Engine("litert", "litert-dynamic.tflite"),
    "litert-static": Engine("litert", "litert-static.tflite"),
    "ort-float32": Engine("ort", "ort-float32.onnx", is_int8=False),
    "openvino-float32": Engine("openvino", "openvino-float32.xml", is_int8=False),
    "litert-float32": Engine("litert", "litert-float32.tflite", is_int8=False),
}


def tokens(model):
    """The length of the model's text, which its name ends in."""
    return int(model.rsplit("-", 1)[1])
