#!/usr/bin/env python3
"""The demo's last step: runs the shipped student on pictures, sounds and texts, here and with a peer, and prints what it says of each.

Exits with 1 when a split result differs from the local one in a single bit, or the killed peer costs an answer.
"""
import argparse
import array
import random
import sys
import tempfile
import wave

sys.dont_write_bytecode = True
import common  # noqa: E402

STUDENT = common.DATA / "student.gguf"
SAMPLES = [
    {"concept": "guitar", "image": "guitar.png", "audio": "guitar.wav", "spoken": "guitar", "text": "instrument"},
    {"concept": "red apple", "image": "apple.png", "audio": "apple.wav", "spoken": "fruit", "text": "red apple"},
    {"concept": "rocket", "image": "rocket.png", "audio": "rocket.wav", "spoken": "space", "text": "a drawing of rocket"},
]
HEAD = ("given", "where", "says", "confidence", "ms", "bytes sent")
PLACES = {"local": "here", "local-fusion": "here, local fusion", "local-fallback": "here after all"}


class Device:
    """`tributary run` on the shipped student."""

    def __init__(self, rows):
        self.rows = rows

    def run(self, given, inputs, *flags):
        """Adds a row, and returns the JSON."""
        words = [word for flag, value in inputs.items() for word in (f"--{flag}", value)]
        found = common.answer([common.program("tributary")], STUDENT, *words, *flags)
        place = PLACES.get(found["where"], found["where"])
        sent = str(found["bytes_sent"]) if found["bytes_sent"] else ""
        self.rows.append((given, place, found["label"], f"{found['score']:.2f}", f"{found['milliseconds']:.1f}", sent))
        return found


def inputs(sample):
    return {"image": common.DATA / sample["image"], "audio": common.DATA / sample["audio"], "text": sample["text"]}


def damaged(sound, folder):
    """The sound under noise that is as loud."""
    with wave.open(str(sound)) as source:
        parameters, samples = source.getparams(), array.array("h", source.readframes(source.getnframes()))
    loud = max(1, max(abs(sample) for sample in samples)) // 2
    noise = random.Random(1)
    noisy = array.array("h", (max(-32768, min(32767, sample + noise.randint(-loud, loud))) for sample in samples))
    path = f"{folder}/noise.wav"
    with wave.open(path, "wb") as target:
        target.setparams(parameters)
        target.writeframes(noisy.tobytes())
    return path


def rows_of(sample, address, folder):
    """All that the demo runs of a sample; the peer is there."""
    rows = []
    device = Device(rows)
    every = inputs(sample)
    for flag, name in (("image", "picture"), ("audio", "sound"), ("text", "text")):
        device.run(f"{name} alone", {flag: every[flag]})
    local = device.run("all three", every)
    device.run("no sound", {flag: value for flag, value in every.items() if flag != "audio"})
    device.run("a noisy sound", {**every, "audio": damaged(every["audio"], folder)})
    device.run("as much as it takes", every, "--activate")
    peer = ("--peer", address, "--split", "text.rows", "--fallback")
    split = device.run("all three", every, *peer)
    device.run("all three, half sent", every, *peer, "--share", "0.5")
    same = all(local[key] == split[key] for key in ("label", "score", "labels"))
    return rows, same and split["where"] == "peer" and not split["degraded"]


def show(table):
    widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
    for row in table:
        cells = [cell.ljust(width) if column < 3 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths))]
        print("  " + "  ".join(cells).rstrip())


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    common.stop_on_signals()
    try:
        with tempfile.TemporaryDirectory() as folder:
            with common.peer(STUDENT) as address:
                for sample in SAMPLES:
                    rows, same = rows_of(sample, address, folder)
                    print(f"\n{sample['concept']}: {sample['image']}, {sample['audio']} (“{sample['spoken']}”), “{sample['text']}”\n")
                    show([HEAD, *rows])
                    if not same:
                        raise common.Failure("the split result differs from the local one")
        rows = []
        answer = Device(rows).run("all three", inputs(SAMPLES[0]), "--peer", address, "--split", "text.rows", "--fallback")
        print("\nThe peer is gone:\n")
        show([HEAD, *rows])
        if not answer["degraded"]:
            raise common.Failure("a peer that is gone has answered")
        print(f"\nHow good the student is, beside its teacher: {(common.DATA / 'report.html').relative_to(common.ROOT)}")
    except (common.Failure, OSError, KeyError) as failure:
        sys.exit(f"tools/demo: {failure if not isinstance(failure, KeyError) else f'the JSON of tributary run lacks {failure}'}")


if __name__ == "__main__":
    main()
