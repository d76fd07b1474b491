"""What tools/bench makes once and keeps in the cache folder: environments, models, their forms for each engine, and bundles.

Everything is made whole or not at all, under a name with a hash of what it is made from: a run that is cut short goes on where it was,
and a change makes anew what depends on it. A failure of a converter is kept as a file that tells the reason.
"""
import functools
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import venv

import common
from benchmark import catalog

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = {"peers": HERE / "requirements.txt", "litert": HERE / "requirements-litert.txt"}
CONVERTERS = {"ort": ("peers", "convert_ort.py"), "openvino": ("peers", "convert_openvino.py"), "litert": ("litert", "convert_litert.py")}
SHARED = ("catalog.py", "samples.py", "zoo.py")
PATIENCE = 3600  # seconds for making one thing


def note(text):
    print(text, file=sys.stderr, flush=True)


def digest(*parts):
    """A hash of texts and of the contents of files."""
    hasher = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, pathlib.Path) else str(part).encode()
        hasher.update(hashlib.sha256(data).digest())
    return hasher.hexdigest()[:12]


def made(folder, what, make):
    """The folder, which `make` fills at the first call."""
    if not folder.exists():
        note(f"making {what}")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="making-") as scratch:
            fresh = pathlib.Path(scratch) / "made"
            fresh.mkdir()
            make(fresh)
            fresh.rename(folder)
    return folder


@functools.cache
def installed(name):
    """(the Python of an environment with the packages of a requirements file, None), or (None, why there is none)."""
    requirements = REQUIREMENTS[name]
    folder = common.cache() / f"bench-{name}-{digest(requirements, sys.version)}"
    python = folder / "bin" / "python"
    try:
        if not (folder / "complete").exists():
            note(f"installing {requirements.name} into {folder}")
            venv.create(folder, with_pip=True, clear=True)
            common.output([python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r", requirements])
            (folder / "complete").touch()
    except (common.Failure, OSError, subprocess.SubprocessError) as reason:
        return None, f"{requirements.name} could not be installed: {reason}"
    return python, None


def environment(name):
    python, reason = installed(name)
    if reason:
        raise common.Failure(reason)
    return python


def script(python, module, *arguments):
    """Runs a part of this folder in an environment: one thread, so that it ends even where others keep the machine busy."""
    settings = dict(os.environ, OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
    common.output([python, "-B", "-W", "ignore", "-m", f"benchmark.{module}", *arguments], cwd=HERE.parent, env=settings, timeout=PATIENCE)


def has_dot_products():
    """Whether products of 8-bit integers are exact on this processor. Without VNNI, some engines' sums saturate at 16 bits."""
    try:
        return "vnni" in pathlib.Path("/proc/cpuinfo").read_text() or os.uname().machine != "x86_64"
    except OSError:
        return False


class Shelf:
    """One model's place in the cache."""

    def __init__(self, model):
        self.model, self.text = model, common.DATA / "sentences.txt"
        self.checkpoint = pathlib.Path(common.output([HERE.parent / "fetch-model"]).strip())
        pretrained = [self.checkpoint.name, self.text] if catalog.MODELS[model].kind == "sentence" else []
        self.key = digest(model, *pretrained, REQUIREMENTS["peers"], *(HERE / name for name in SHARED))

    def weights(self):
        """The folder that zoo.py writes."""
        folder = common.cache() / "bench-models" / f"{self.model}-{self.key}"
        return made(folder, f"{self.model}: weights, inputs, ONNX",
                    lambda fresh: script(environment("peers"), "zoo", self.model, self.checkpoint, self.text, fresh))

    def form(self, engine):
        """The model's file for an engine, all of whose family's forms are made at the first call."""
        family = catalog.ENGINES[engine].family
        where, program = CONVERTERS[family]
        weights = self.weights()
        key = digest(self.key, REQUIREMENTS[where], HERE / "convert.py", HERE / program, has_dot_products())
        width, python = "exact" if has_dot_products() else "saturating", environment(where)

        def make(fresh):
            try:
                script(python, program.removesuffix(".py"), self.model, weights, fresh, width)
            except common.Failure as reason:  # the converter as a whole
                for name in (name for name, engine in catalog.ENGINES.items() if engine.family == family):
                    (fresh / f"{name}.failed").write_text(f"{reason}\n")

        folder = made(weights.parent / f"{self.model}-{family}-{key}", f"{self.model}: forms for {family}", make)
        reason = folder / f"{engine}.failed"
        if reason.exists():
            raise common.Failure(reason.read_text().strip())
        return folder / catalog.ENGINES[engine].file

    def bundle(self):
        """tributary's bundle, and how close it comes to float on the inputs that are held out."""
        source, importer = self.weights() / "from", common.program("tributary-train")
        folder = common.cache() / "bench-models" / f"{self.model}-tributary-{digest(self.key, importer)}"

        def make(fresh):
            printed = common.output([importer, "import", "--from", source, "--calibrate", source / "calibration.safetensors", "--out",
                                     fresh / "model.gguf", "--report", "--held-out", source / "held-out.safetensors", "--json"],
                                    timeout=PATIENCE)
            (fresh / "report.json").write_text(printed)

        forget_others(folder, f"{self.model}-tributary-*")
        made(folder, f"{self.model}: tributary's bundle", make)
        return folder / "model.gguf", json.loads((folder / "report.json").read_text())["report"]["mean_cosine"]


def forget_others(folder, pattern):
    """Deletes the bundles of importers of the past: each build has its own."""
    for other in folder.parent.glob(pattern):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def shipped(folder):
    """The device binary, and what it is: the static one of tools/firmware, else the built program without its symbols."""
    profile = {"x86_64": "x86-64-v2", "aarch64": "raspberry-pi-4"}.get(os.uname().machine, os.uname().machine)
    try:
        note(f"building the device binary for {profile}")
        common.output([HERE.parent / "firmware", profile], timeout=PATIENCE)
        return common.ROOT / ".build" / "firmware" / profile / "tributary", "static, of tools/firmware"
    except common.Failure as reason:
        note(f"no static device binary: {reason}")
        stripped = pathlib.Path(folder) / "tributary"
        common.output(["strip", "-o", stripped, common.program("tributary")])
        return stripped, f"stripped, dynamic, since tools/firmware {profile} failed"


def build():
    note("building tributary")
    for product in ("tributary", "tributary-train"):
        done = subprocess.run(["swift", "build", "-c", "release", "--product", product], cwd=common.ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            raise common.Failure("swift build failed:\n" + "\n".join(done.stdout.splitlines()[-20:]))
