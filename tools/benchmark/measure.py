"""One measurement of another engine for tools/bench, in a process of its own that runs nothing else:

  measure.py FAMILY FILE FOLDER THREADS SECONDS

runs the model in FILE on the first of the inputs in FOLDER, and prints JSON. Last of all it computes what the inputs held out give, for
the cosine to float32. BENCH_BEGUN in the environment is the monotonic time at which the process was started.
"""
import json
import os
import pathlib
import sys
import time

BEGUN = float(os.environ.get("BENCH_BEGUN", time.monotonic()))
PACKAGES = {"ort": "onnxruntime", "openvino": "openvino", "litert": "ai_edge_litert"}

import numpy  # noqa: E402


class OnnxRuntime:
    def __init__(self, path, threads):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = threads, 1, 3
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def bind(self, feed):
        self.feed = feed

    def run(self):
        self.results = self.session.run(None, self.feed)

    def result(self):
        return self.results[0]


class OpenVino:
    def __init__(self, path, threads):
        import openvino
        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False,
                    "INFERENCE_PRECISION_HINT": "f32"}
        self.tensor = openvino.Tensor
        self.request = openvino.Core().compile_model(path, "CPU", settings).create_infer_request()
        self.run = self.request.infer

    def bind(self, feed):
        self.feed = feed  # the tensors share its memory
        for name, values in feed.items():
            self.request.set_tensor(name, self.tensor(values, shared_memory=True))

    def result(self):
        return self.request.get_output_tensor(0).data.copy()


class LiteRT:
    def __init__(self, path, threads):
        from ai_edge_litert.interpreter import Interpreter
        self.interpreter = Interpreter(model_path=path, num_threads=threads)
        self.interpreter.allocate_tensors()
        self.inputs = sorted(self.interpreter.get_input_details(), key=lambda detail: detail["name"])
        self.output = self.interpreter.get_output_details()[0]
        self.run = self.interpreter.invoke

    def bind(self, feed):
        for detail, values in zip(self.inputs, feed.values()):
            if detail["dtype"] == numpy.int8:
                scale, zero = detail["quantization"]
                values = numpy.clip(numpy.round(values / scale) + zero, -128, 127).astype(numpy.int8)
            self.interpreter.set_tensor(detail["index"], values)

    def result(self):
        found = self.interpreter.get_tensor(self.output["index"])
        scale, zero = self.output["quantization"]
        return (found.astype(numpy.float32) - zero) * scale if found.dtype == numpy.int8 else found


def peak_bytes():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024


def library_bytes(package):
    """Of the shared libraries of the engine's package that are mapped: what an application would have to ship."""
    mapped = {line.split()[-1] for line in open("/proc/self/maps") if ".so" in line and f"/{package}/" in line}
    return sum(os.path.getsize(path) for path in mapped)


def laps(engine, seconds):
    """Milliseconds of inferences over that long, ascending; before, some that do not count."""
    found, end = [], time.perf_counter() + seconds / 4
    while time.perf_counter() < end:
        engine.run()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(found) < 12:
        begun = time.perf_counter()
        engine.run()
        found.append(1e3 * (time.perf_counter() - begun))
    return sorted(found)


def cosine(engine, folder):
    """The mean over the inputs held out."""
    stacks, expected = dict(numpy.load(folder / "held-out.npz")), numpy.load(folder / "expected.npy").astype(float)
    cosines = []
    for at, wanted in enumerate(expected):
        engine.bind({name: stack[at] for name, stack in stacks.items()})
        engine.run()
        found = engine.result().ravel().astype(float)
        cosines.append(found @ wanted / (numpy.linalg.norm(found) * numpy.linalg.norm(wanted) + 1e-30))
    return float(numpy.mean(cosines))


def measure(family, path, folder, threads, seconds):
    feed = dict(numpy.load(folder / "first.npz"))
    python, own = time.monotonic(), peak_bytes()
    engine = {"ort": OnnxRuntime, "openvino": OpenVino, "litert": LiteRT}[family](path, threads)
    engine.bind(feed)
    engine.run()
    engine.result()
    first = time.monotonic()
    found = laps(engine, seconds)
    peak, libraries = peak_bytes(), library_bytes(PACKAGES[family])
    at = {name: found[min(len(found) - 1, int(len(found) * part))] for name, part in (("p50_ms", 0.5), ("p90_ms", 0.9), ("p99_ms", 0.99))}
    print(json.dumps({**at, "runs": len(found), "cold_start_ms": 1e3 * (first - BEGUN), "python_ms": 1e3 * (python - BEGUN),
                      "peak_memory_bytes": peak, "python_memory_bytes": own, "engine_bytes": libraries,
                      "cosine": cosine(engine, folder)}))


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    measure(sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
