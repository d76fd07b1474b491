"""Small bundles of every family that is imported, made from the tiny checkpoints of the tests: for runs under emulators."""
import json
import pathlib
import random
import shutil
import struct

import common

GOLDEN = common.ROOT / "Tests" / "ModelsTests" / "Golden"
PIXELS = {"vit": 16, "deit-teacher": 16, "timm-vit": 16, "clip": 16, "mobilenet-logits": 40, "timm-mobilenet": 40, "resnet": 32,
          "timm-resnet": 40}
SOUNDS = {"wav2vec2": 400, "wav2vec2-stable": 400, "wav2vec2-logits": 400}
FUSIONS = {"fusion": {}, "fusion-experts": {"layers": 1, "experts": 3}}
FUSION = {"model_type": "tributary-fusion", "width": 32, "layers": 2, "heads": 4, "inner": 48, "outputs": 11}
EXAMPLES = 8


def write_tensors(path, tensors):
    """Writes {name: (shape, values)} as float32 in the safetensors format."""
    header, data = {}, b""
    for name, (shape, values) in tensors.items():
        packed = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def examples(path, inputs):
    """Random values for each of the inputs {name: shape}."""
    source = random.Random(7)
    write_tensors(path, {f"{name}.{number}": (shape, [source.gauss(0, 1) for _ in range(size(shape))])
                         for number in range(EXAMPLES) for name, shape in inputs.items()})


def size(shape):
    count = 1
    for dimension in shape:
        count *= dimension
    return count


def rows_of(checkpoint, name):
    """The rows of a tensor in a safetensors file."""
    data = checkpoint.read_bytes()
    length, = struct.unpack("<Q", data[:8])
    return json.loads(data[8:8 + length])[name]["shape"][0]


def prepare(name, folder):
    """A copy of a checkpoint with its calibration. Returns the arguments of the import."""
    shutil.copytree(GOLDEN / name, folder)
    tensors, more = folder / "calibration.safetensors", []
    if name in PIXELS:
        examples(tensors, {"pixels": [PIXELS[name], PIXELS[name], 3]})
    elif name in SOUNDS:
        examples(tensors, {"samples": [SOUNDS[name], 1]})
        more = ["--samples", SOUNDS[name]]
    else:
        streams = {stream: rows_of(folder / "model.safetensors", f"kind.{stream}") for stream in ("image", "audio", "text")}
        rows = {f"{stream}_rows": count for stream, count in streams.items()}
        (folder / "config.json").write_text(json.dumps({**FUSION, **rows, **FUSIONS[name]}))
        examples(tensors, {stream: [count, FUSION["width"]] for stream, count in streams.items()})
    if name == "clip":
        more = ["--calibrate", folder / "texts.txt"]
        (folder / "texts.txt").write_text("a cat\nact at a cat\n")
    return ["--from", folder, "--calibrate", tensors, *more]


def make(folder):
    """Imports every family. Returns {name: path of the bundle}."""
    bundles = {}
    for name in [*PIXELS, *SOUNDS, *FUSIONS]:
        bundles[name] = pathlib.Path(folder) / f"{name}.gguf"
        arguments = prepare(name, pathlib.Path(folder) / name)
        common.output([common.program("tributary-train"), "import", *arguments, "--out", bundles[name]])
    return bundles
