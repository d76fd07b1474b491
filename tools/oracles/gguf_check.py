"""Checks bundles against the `gguf` package, in both directions.

    python tools/oracles/gguf_check.py BUNDLE   opens a bundle with GGUFReader, checks its keys, hashes, tensors and their sums
    python tools/oracles/gguf_check.py --write  writes Tests/BundleFormatTests/Golden/foreign.gguf with GGUFWriter: every type of value

Needs: pip install gguf numpy; made with gguf 0.18.
"""

import argparse
import hashlib
import pathlib

import gguf
import numpy as np

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "Tests/BundleFormatTests/Golden/foreign.gguf"
PAGE, LEAF = 4096, 16384


def write():
    writer = gguf.GGUFWriter(GOLDEN, "other")
    writer.add_name("naïve")
    writer.add_custom_alignment(64)
    for kind, value in [("uint8", 255), ("int8", -128), ("uint16", 65535), ("int16", -32768), ("uint32", 2**32 - 1), ("int32", -(2**31)),
                        ("uint64", 2**64 - 1), ("int64", -(2**63)), ("float32", 0.1), ("float64", 0.1), ("bool", True)]:
        getattr(writer, f"add_{kind}")(f"value.{kind}", value)
    writer.add_array("array.text", ["one", "", "drei"])
    writer.add_array("array.number", [1, -2, 3])
    writer.add_array("array.float", [0.5, -0.25])
    writer.add_array("array.bool", [True, False])
    writer.add_tensor("matrix", np.arange(6, dtype=np.float32).reshape(2, 3))
    writer.add_tensor("bytes", np.arange(-4, 4, dtype=np.int8))
    writer.add_tensor("numbers", np.arange(5, dtype=np.int32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def unblocked(blocks):
    """[outputs/16, inputs/4, 16, 4] → [outputs, inputs], both rounded up."""
    rows, depth = blocks.shape[0] * 16, blocks.shape[1] * 4
    return blocks.transpose(0, 2, 1, 3).reshape(rows, depth)


def tree(segment):
    """The leaves of a segment, one after the other."""
    return b"".join(hashlib.sha256(segment[at : at + LEAF]).digest() for at in range(0, len(segment), LEAF))


def check_hashes(data, reader):
    digest = reader.get_field("tributary.digest").contents().encode()
    start = min(tensor.data_offset for tensor in reader.tensors)
    assert start % PAGE == 0
    header = data[:start]
    assert header.count(digest) == 1
    assert hashlib.sha256(header.replace(digest, b"0" * 64)).hexdigest().encode() == digest, "the header's hash differs"
    leaves = b""
    for line in reader.get_field("tributary.graph.segments").contents():
        name, *fields = line.split(" ")
        values = dict(field.split("=") for field in fields)
        segment = data[start : start + int(values["bytes"])]
        assert hashlib.sha256(tree(segment)).hexdigest() == values["sha256"], f"the hash of {name} differs"
        leaves += tree(segment)
        start += int(values["bytes"])
    assert start == len(data)
    assert bytes(reader.get_field("tributary.leaves").contents()) == leaves


def check(path):
    data, reader = path.read_bytes(), gguf.GGUFReader(path)
    assert reader.get_field("general.architecture").contents() == "tributary"
    check_hashes(data, reader)
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    lines = dict(line.split(" ", 1) for line in reader.get_field("tributary.graph.tensors").contents())
    matrices = 0
    for name, tensor in tensors.items():
        assert tensor.data_offset % 64 == 0
        if f"{name}.sum" in tensors:
            values = unblocked(tensor.data.view(np.int8)).astype(np.int32)
            outputs, inputs = map(int, lines[name].split("[")[1].rstrip("]").split(","))
            sums = tensors[f"{name}.sum"].data
            assert sums.shape == (outputs,) and (values.sum(axis=1)[:outputs] == sums).all(), name
            assert not values[outputs:].any() and not values[:, inputs:].any(), name
            matrices += 1
    print(f"{path}: {len(reader.fields)} fields, {len(tensors)} tensors, {matrices} matrices unblocked and summed: all as expected")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    if arguments.write:
        write()
    if arguments.bundle:
        check(arguments.bundle)


if __name__ == "__main__":
    main()
