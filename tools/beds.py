"""What the test beds share: devices that ask again and again, a small bundle, what processes hold, how numbers spread."""
import json
import os
import random
import resource
import selectors
import subprocess
import time
import urllib.request

import common
from tiny_bundles import GOLDEN

SKIPPED = 77  # the exit code of a bed that this machine cannot have
WORDS = "the cat sat on mat . a dog run".split()


class Device:
    """`tributary run --stream` as a process of its own. It is asked one thing at a time; many may be under way in as many devices."""

    def __init__(self, path, *flags, prefix=()):
        command = [*prefix, common.program("tributary"), "run", path, "--stream", *flags]
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.pending = b""
        self.asked = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        for stream in (self.process.stdin, self.process.stdout):
            stream.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def fileno(self):
        return self.process.stdout.fileno()

    def ask(self, text, **more):
        self.asked = time.monotonic()
        self.process.stdin.write(json.dumps({"text": text, **more}).encode() + b"\n")

    def take(self):
        """The answer, with the `seconds` that it took, if it ends in what can be read now; else None."""
        part = os.read(self.fileno(), 1 << 16)
        if not part:
            raise common.Failure(f"the device process ended with {self.process.wait()} instead of an answer")
        self.pending += part
        if not self.pending.endswith(b"\n"):
            return None
        answer = json.loads(self.pending) | {"seconds": time.monotonic() - self.asked}
        self.pending, self.asked = b"", None
        return answer

    def run(self, text, patience=60, **more):
        self.ask(text, **more)
        return next(answers([self], patience))[1]


def answers(devices, patience=60):
    """Each of the devices that were asked, with its answer, as they come."""
    with selectors.DefaultSelector() as waiting:
        for device in devices:
            waiting.register(device, selectors.EVENT_READ)
        end = time.monotonic() + patience
        while waiting.get_map():
            ready = waiting.select(max(0, end - time.monotonic()))
            if not ready:
                raise common.Failure(f"{len(waiting.get_map())} of {len(devices)} devices gave no answer within {patience:.0f} s")
            for key, _ in ready:
                if answer := key.fileobj.take():
                    waiting.unregister(key.fileobj)
                    yield key.fileobj, answer


class Truth:
    """What is right: the bits that one device computes alone."""

    def __init__(self, path):
        self.device, self.known = Device(path), {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.device.end()

    def bits(self, text):
        if text not in self.known:
            self.known[text] = self.device.run(text)["embedding_bits"]
        return self.known[text]

    def check(self, text, answer):
        """An answer must be right, wherever it comes from."""
        if "error" in answer:
            raise common.Failure(f"'{text}' got no answer: {answer['error']}")
        if answer["embedding_bits"] != self.bits(text):
            raise common.Failure(f"'{text}' got a wrong answer from '{answer['where']}'")


def sentences():
    return (common.DATA / "sentences.txt").read_text().splitlines()


def tiny_bundle(folder):
    """A bundle so small that a thousand devices can have it open."""
    texts, path = folder / "texts.txt", folder / "tiny.gguf"
    texts.write_text("the cat sat on the mat .\na dog run on the mat\n")
    common.output([common.program("tributary-train"), "import", "--from", GOLDEN / "tiny-bert", "--calibrate", texts, "--out", path])
    return path


def tiny_text(source=random):
    """A text for the small bundle."""
    return " ".join(source.choices(WORDS, k=source.randint(2, 10)))


def certify(folder):
    """Makes certificates for peers on this machine and one device. Returns the flags of peers and of devices."""
    common.output([common.ROOT / "tools" / "certificates", folder])
    peer = ["--certificate", folder / "peer.pem", "--key", folder / "peer.key", "--client-ca", folder / "ca.pem"]
    device = ["--ca", folder / "ca.pem", "--certificate", folder / "device.pem", "--key", folder / "device.key"]
    return peer, device


def facts(path):
    return json.loads(common.output([common.program("tributary"), "info", path, "--json"]))


def raise_file_limit():
    """Lets this process and those that it starts have as many files open as they may. Returns how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def memory(process, name="VmRSS"):
    """KiB that a process holds (or held at most: `VmHWM`)."""
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))


def forget_peak(process):
    """Lets `VmHWM` begin anew."""
    with open(f"/proc/{process.pid}/clear_refs", "w") as file:
        file.write("5")


def metric(address, name):
    """What a peer tells in its metrics under that name, without labels."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=30) as page:
        lines = page.read().decode().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"tributary_{name} ")))


def dropped_connections():
    """Connections that this machine's listeners have had no room for so far: these knock again after a second."""
    with open("/proc/net/netstat") as file:
        names, values = [line.split() for line in file if line.startswith("TcpExt:")]
    return int(values[names.index("ListenOverflows")])


def share(numbers, part):
    """The number below which that part of them lies."""
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def spread(seconds):
    """Times in words."""
    return f"median {1e3 * share(seconds, 0.5):.1f} ms, 99 % {1e3 * share(seconds, 0.99):.1f} ms, longest {1e3 * max(seconds):.1f} ms"
