"""What the tools share: the cache folder, downloads into it, the built programs, the demo's bundle, a running peer, one inference."""
import contextlib
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = ROOT / ".build" / "release"
DATA = ROOT / "tools" / "demo-data"


class Failure(Exception):
    """A reason to stop that the user is told in one line."""


def cache():
    """The folder for what is fetched or made once: nothing in it is missed when it is deleted."""
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "tributary"


def download(package, sha256, folder, *options):
    """Downloads a package's wheel into the folder with the pip of a scratch environment: the system's Python may have none. Its hash is
    checked. A failure is a RuntimeError."""
    environment = folder / "environment"
    venv.create(environment, with_pip=True)
    command = [environment / "bin/python", "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps",
               "--only-binary=:all:", *options, "--dest", folder, package]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise RuntimeError(f"pip could not download {package}: {last}")
    wheel, = folder.glob("*.whl")
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != sha256:
        raise RuntimeError(f"{wheel.name} has the SHA-256 {found}, expected {sha256}: it is damaged or not the one that was tested")
    return wheel


def program(name):
    path = BUILT / name
    if not path.exists():
        raise Failure(f"{path.relative_to(ROOT)} is missing: run swift build -c release")
    return path


def output(command, **options):
    """What a command prints. A failure carries the last line of its error output."""
    command = [str(part) for part in command]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{pathlib.Path(command[0]).name} did not end within {late.timeout:.0f} s") from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Failure(f"{' '.join(pathlib.Path(part).name for part in command[:2])} failed ({done.returncode}): {last}")
    return done.stdout


def bundle():
    """The INT8 bundle of the pretrained encoder, made anew when the importer, the model or the calibration sentences changed."""
    model = pathlib.Path(output([ROOT / "tools" / "fetch-model"]).strip())
    importer, sentences = program("tributary-train"), DATA / "sentences.txt"
    key = hashlib.sha256(str(model).encode() + importer.read_bytes() + sentences.read_bytes()).hexdigest()[:12]
    path = cache() / "bundles" / f"minilm-{key}.gguf"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        forget_old(path.parent)
        print(f"quantising {model} into {path}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            made = pathlib.Path(scratch) / "minilm.gguf"
            output([importer, "import", "--from", model, "--calibrate", sentences, "--out", made])
            made.rename(path)
    return path


def forget_old(folder):
    """Deletes bundles that have not been read for a week."""
    for old in folder.glob("*.gguf"):
        if time.time() - max(old.stat().st_atime, old.stat().st_mtime) > 7 * 86400:
            old.unlink(missing_ok=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Peer:
    """A peer that serves a bundle, as a process that keeps its address when it is started again. `prefix` is a command to run it under."""

    def __init__(self, path, *flags, host="127.0.0.1", prefix=(), patience=20):
        self.address, self.patience = f"{host}:{free_port()}", patience
        command = [*prefix, program("tributary-peer"), "serve", path, "--listen", self.address, *flags]
        self.command = [str(part) for part in command]
        self.process, self.log = None, tempfile.TemporaryFile()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Returns once it listens."""
        self.log.seek(0)
        self.log.truncate()
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + self.patience
        while " listening\n" not in self.logged():
            if self.process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise Failure(f"tributary-peer did not come up: {(self.logged().strip().splitlines() or ['no message'])[-1]}")
            time.sleep(0.02)

    def logged(self):
        size = os.fstat(self.log.fileno()).st_size
        return os.pread(self.log.fileno(), size, 0).decode(errors="replace")

    def stop(self, patience=5):
        """Lets it finish what it has accepted. Returns its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self):
        self.process.kill()
        return self.process.wait()


@contextlib.contextmanager
def peer(path, *flags, patience=20):
    """A peer on loopback that serves the bundle while the block runs. Yields its address."""
    with Peer(path, *flags, patience=patience) as running:
        yield running.address


def answer(command, path, *flags, timeout=60):
    """One `tributary run` as a process of its own. `command` is the program, perhaps behind an emulator. Returns its JSON."""
    printed = output([*command, "run", path, "--json", *flags], timeout=timeout)
    try:
        return json.loads(printed)
    except json.JSONDecodeError:
        raise Failure(f"tributary run --json printed no JSON: {printed[:80]!r}") from None


def infer(command, path, text, *more, timeout=60):
    """The answer to a text beside the demo's labels."""
    return answer(command, path, "--text", text, "--labels", DATA / "labels.txt", *more, timeout=timeout)


def identical(one, other):
    """Whether two results are the same to the last bit, in the embedding and in every score."""
    return all(one[key] == other[key] for key in ("embedding_bits", "label", "score", "labels"))


def stop_on_signals():
    """Turns SIGTERM and SIGHUP into exceptions, so that a peer that was started is always stopped."""
    import signal

    def stop(number, frame):
        raise Failure(f"stopped by signal {number}")

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
