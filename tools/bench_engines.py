#!/usr/bin/env python3
"""ONNX Runtime's side of tools/bench; runs in the environment of bench_requirements.txt.

  bench_engines.py export MODEL SENTENCES OUT LENGTH…        the encoder as ONNX in float32, dynamic INT8 and static INT8, a length each
  bench_engines.py time OUT ENGINE LENGTH THREADS SECONDS    one measurement, printed as JSON
"""
import json
import os
import pathlib
import sys
import time

BEGUN = float(os.environ.get("BENCH_BEGUN", time.monotonic()))  # when the driver started this process
ENGINES = {"ort-float32": "float32.onnx", "ort-dynamic": "dynamic.onnx", "ort-static": "static.onnx"}


def peak_bytes():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024


# ---------------------------------------------------------------- export
def encoder(model):
    """The sentence encoder as torch runs it: full-length input without padding, mean pooling, unit length."""
    import torch
    import transformers

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = transformers.BertModel.from_pretrained(model, add_pooling_layer=False, attn_implementation="eager")

        def attention(self, layer, x):
            own, heads = layer.attention.self, layer.attention.self.num_attention_heads
            split = (1, x.shape[1], heads, x.shape[2] // heads)
            q, k, v = (part(x).reshape(split).transpose(1, 2) for part in (own.query, own.key, own.value))
            weights = torch.softmax(q @ k.transpose(-2, -1) * split[3] ** -0.5, -1)
            return layer.attention.output((weights @ v).transpose(1, 2).reshape(x.shape), x)

        def forward(self, tokens):
            x = self.bert.embeddings(input_ids=tokens)
            for layer in self.bert.encoder.layer:
                x = self.attention(layer, x)
                x = layer.output(layer.intermediate(x), x)
            return torch.nn.functional.normalize(x.mean(1))

    return Encoder().eval()


def inputs(model, sentences, length, count):
    """`count` rows of exactly `length` tokens: the sentences one after the other, between [CLS] and [SEP]."""
    import numpy
    import tokenizers
    tokenizer = tokenizers.Tokenizer.from_file(str(pathlib.Path(model) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokens = [token for line in open(sentences) for token in tokenizer.encode(line.strip(), add_special_tokens=False).ids]
    starts = [index * len(tokens) // count for index in range(count)]
    tokens += tokens
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    return [numpy.array([[first, *tokens[start : start + length - 2], last]], dtype=numpy.int64) for start in starts]


def quantise(folder, rows):
    """The two INT8 forms, each as it was found fastest at good accuracy.

    Static: weight products in INT8; attention's own products, softmax, norms and activations stay in float32, and the output of a Gemm
    is not quantised again, since float32 operations read it. The range of one bit is given up because the kernels for CPUs
    without dot-product instructions would saturate.
    """
    import onnx
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_dynamic, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process
    plain, ready = folder / "float32.onnx", folder / "ready.onnx"
    quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
    quantize_dynamic(ready, folder / "dynamic.onnx", weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    graph = onnx.load(ready).graph
    constants = {constant.name for constant in graph.initializer}
    attention = [node.name for node in graph.node if node.op_type == "MatMul" and not constants.intersection(node.input)]
    feed = iter([{"tokens": row} for row in rows])
    reader = type("Reader", (), {"get_next": lambda self: next(feed, None)})()
    quantize_static(ready, folder / "static.onnx", reader, quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8,
                    weight_type=QuantType.QInt8, per_channel=True, reduce_range=True, op_types_to_quantize=["MatMul", "Gemm"],
                    nodes_to_exclude=attention, calibrate_method=CalibrationMethod.MinMax,
                    extra_options={"OpTypesToExcludeOutputQuantization": ["Gemm"]})
    ready.unlink()


def export(model, sentences, out, lengths):
    import numpy
    import torch
    module = encoder(model)
    for length in map(int, lengths):
        folder = pathlib.Path(out) / str(length)
        folder.mkdir(parents=True, exist_ok=True)
        rows = inputs(model, sentences, length, 32)
        with torch.no_grad():
            numpy.save(folder / "expected.npy", numpy.concatenate([module(torch.tensor(row)).numpy() for row in rows[:8]]))
            torch.onnx.export(module, (torch.tensor(rows[0]),), str(folder / "float32.onnx"), input_names=["tokens"],
                              output_names=["embedding"], opset_version=17, dynamo=False)
        numpy.save(folder / "tokens.npy", numpy.concatenate(rows[:8]))
        quantise(folder, rows)


# ---------------------------------------------------------------- measurement
def measure(out, engine, length, threads, seconds):
    import numpy
    folder = pathlib.Path(out) / length
    tokens, expected = numpy.load(folder / "tokens.npy"), numpy.load(folder / "expected.npy")
    import onnxruntime
    imported, idle = time.monotonic(), peak_bytes()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = int(threads), 1, 3
    session = onnxruntime.InferenceSession(str(folder / ENGINES[engine]), options, providers=["CPUExecutionProvider"])
    session.run(None, {"tokens": tokens[:1]})
    first, peak = time.monotonic(), peak_bytes()
    found = numpy.concatenate([session.run(None, {"tokens": tokens[i : i + 1]})[0] for i in range(len(tokens))])
    cosines = (found * expected).sum(1) / numpy.linalg.norm(found, axis=1) / numpy.linalg.norm(expected, axis=1)
    laps, feed = [], {"tokens": tokens[:1]}
    warm = time.perf_counter() + float(seconds) / 4
    while time.perf_counter() < warm:
        session.run(None, feed)
    end = time.perf_counter() + float(seconds)
    while time.perf_counter() < end or len(laps) < 20:
        begun = time.perf_counter()
        session.run(None, feed)
        laps.append(1e3 * (time.perf_counter() - begun))
    laps.sort()
    at = {name: laps[min(len(laps) - 1, int(len(laps) * part))] for name, part in (("p50_ms", 0.5), ("p90_ms", 0.9), ("p99_ms", 0.99))}
    print(json.dumps({**at, "cold_start_ms": 1e3 * (first - BEGUN), "load_ms": 1e3 * (first - imported), "peak_memory_bytes": peak,
                      "import_memory_bytes": idle, "cosine": float(cosines.mean())}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["export"] and len(sys.argv) > 5:
        export(*sys.argv[2:5], sys.argv[5:])
    elif sys.argv[1:2] == ["time"] and len(sys.argv) == 7:
        measure(*sys.argv[2:])
    else:
        sys.exit(__doc__)
