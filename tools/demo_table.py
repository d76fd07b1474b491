#!/usr/bin/env python3
"""The demo's last step: runs each sentence locally and split at encoder.3 through a peer on loopback, and prints both side by side.

Exits with 1 when any two results differ in a single bit.
"""
import argparse
import sys

sys.dont_write_bytecode = True
import common  # noqa: E402

SPLIT = "encoder.3"
SENTENCES = [
    "a cat asleep on a sofa",
    "The central bank raised interest rates again this quarter.",
    "Add two eggs and whisk until the dough is smooth.",
    "The goalkeeper saved a penalty in the last minute.",
    "The new software update crashes my computer.",
    "Heavy snow is expected in the mountains tonight.",
]
HEAD = ("sentence", "nearest label", "cosine", "local ms", "split ms", "bytes sent", "identical")


def rows(path, address):
    """One row a sentence: the texts of the columns of HEAD."""
    device = [common.program("tributary")]
    for sentence in SENTENCES:
        local = common.infer(device, path, sentence)
        split = common.infer(device, path, sentence, "--peer", address, "--split", SPLIT)
        if split["where"] != "peer" or split["degraded"]:
            raise common.Failure(f"the split run of '{sentence}' was answered by '{split['where']}'")
        same = "yes" if common.identical(local, split) else "NO"
        yield (sentence, local["label"], f"{local['score']:.3f}", f"{local['milliseconds']:.1f}", f"{split['milliseconds']:.1f}",
               str(split["bytes_sent"]), same)


def show(table):
    widths = [max(len(row[column]) for row in table) for column in range(len(HEAD))]
    for row in table:
        cells = [cell.ljust(width) if column < 2 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    common.stop_on_signals()
    try:
        path = common.bundle()
        print(f"running {len(SENTENCES)} sentences with {path}, locally and split at {SPLIT}\n", flush=True)
        with common.peer(path) as address:
            table = list(rows(path, address))
        show([HEAD, *table])
        if any(row[-1] != "yes" for row in table):
            raise common.Failure("split results differ from local ones")
    except (common.Failure, OSError, KeyError) as failure:
        sys.exit(f"tools/demo: {failure if not isinstance(failure, KeyError) else f'the JSON of tributary run lacks {failure}'}")


if __name__ == "__main__":
    main()
