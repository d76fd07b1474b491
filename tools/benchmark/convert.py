"""What the converters of tools/bench share: a model's inputs, and one attempt for each form, whose failure is a result."""
import pathlib

import numpy

from benchmark import catalog


def feeds(folder):
    """The inputs for calibration, as {input: array}."""
    stacks = dict(numpy.load(pathlib.Path(folder) / "calibration.npz"))
    return [{name: stack[at] for name, stack in stacks.items()} for at in range(len(next(iter(stacks.values()))))]


def are_convolutions(model):
    return catalog.MODELS[model].faster == catalog.CONVOLUTIONS


def attempt(out, forms):
    """Makes each engine's form by calling its function with the file to write. A failure is written beside: ENGINE.failed."""
    for engine, make in forms.items():
        target = pathlib.Path(out) / catalog.ENGINES[engine].file
        try:
            make(target)
            if not target.exists():
                raise RuntimeError("nothing was written")
        except Exception as error:  # whatever a converter throws
            lines = str(error).strip().splitlines() or ["without a message"]
            target.unlink(missing_ok=True)
            (pathlib.Path(out) / f"{engine}.failed").write_text(f"{type(error).__name__}: {lines[0][:200]}\n")
