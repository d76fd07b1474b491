"""Compares what `tributary-train export --onnx` writes, run by ONNX Runtime, with the answers of `tributary`.

    python tools/oracles/onnx_export.py              small bundles of every family, made of the checkpoints of the tests
    python tools/oracles/onnx_export.py BUNDLE …     these bundles

Answers are those of `tributary bench --once` to its made-up request. Here they have the same bits. Elsewhere they may differ where an
engine does; more than a step, 1/127 of the largest number of an output, is too much.

Needs: pip install onnx onnxruntime numpy; made with onnx 1.23 and onnxruntime 1.32.
"""

import argparse
import json
import pathlib
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import common  # noqa: E402
import tiny_bundles  # noqa: E402

LENGTHS = [1, 7, 12]


def made_up(inputs, sequence, vocabulary):
    """The request of Sources/tributary/MadeUpRequest.swift for the inputs of a session."""
    feed = {}
    for given in inputs:
        if given.type == "tensor(int32)":
            feed[given.name] = (np.arange(sequence) * 37 % vocabulary).astype(np.int32).reshape(1, sequence)
            continue
        shape = [size if isinstance(size, int) else 1 for size in given.shape]
        state, values = 1, []
        for _ in range(int(np.prod(shape))):
            state = (state * 1664525 + 1013904223) % 2**32
            values.append((state >> 8) / 2**22 - 2)
        feed[given.name] = np.array(values, np.float32).reshape(shape)
    return feed


def vocabulary(bundle):
    """How many tokens the made-up request chooses from."""
    for line in common.output([common.program("tributary"), "info", bundle]).splitlines():
        if line.startswith("tokenizer"):
            return max(1, min(1000, int(line.split()[-2])))
    return 1


def answers(bundle, sequence):
    """{output: its numbers} of a run by tributary."""
    command = [common.program("tributary"), "bench", bundle, "--once", "--json", "--sequence", sequence]
    return {name: np.frombuffer(bytes.fromhex(bits), ">f4").astype(np.float32)
            for name, bits in json.loads(common.output(command)).items()}


def compare(name, bundle, folder):
    """Exports a bundle, checks the file, and compares all answers. Returns the largest difference in steps."""
    path = folder / f"{name}.onnx"
    common.output([common.program("tributary-train"), "export", bundle, "--onnx", path])
    onnx.checker.check_model(path, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    takes_text = any(given.type == "tensor(int32)" for given in session.get_inputs())
    worst = 0
    for sequence in LENGTHS if takes_text else LENGTHS[:1]:
        expected = answers(bundle, sequence)
        found = session.run(list(expected), made_up(session.get_inputs(), sequence, vocabulary(bundle)))
        for (output, numbers), result in zip(expected.items(), found):
            steps = np.abs(result.ravel() - numbers).max() / (np.abs(numbers).max() / 127)
            worst = max(worst, steps)
            if not steps <= 1:
                raise common.Failure(f"{name}: '{output}' of {sequence} tokens is {steps:.2f} steps off")
    print(f"{name:18} {len(onnx.load(path).graph.node):5} nodes, " + (f"{worst:.4f} steps" if worst else "the same bits"), flush=True)
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", nargs="*", type=pathlib.Path)
    given = parser.parse_args().bundles
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        bundles = {path.stem: path for path in given} or tiny_bundles.make(folder)
        try:
            worst = max(compare(name, path, folder) for name, path in bundles.items())
        except common.Failure as failure:
            sys.exit(f"onnx_export.py: {failure}")
    print(f"{len(bundles)} models, at most {worst:.4f} steps apart")


if __name__ == "__main__":
    main()
