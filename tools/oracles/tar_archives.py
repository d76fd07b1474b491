"""Writes the golden files of Tests/DatasetTests with Python's tarfile: ustar.tar, gnu.tar and pax.tar, and archives.tsv with the archive,
the name and the contents in hexadecimal of each file in them.

Usage: python tools/oracles/tar_archives.py [--output DIR]
Needs Python's library only; made with 3.11.
"""

import argparse
import io
import pathlib
import tarfile

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "Tests/DatasetTests/Golden"
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
FILES = {
    "00001.txt": b"a cat",
    "00001.seg.png": bytes(range(256)) * 3,
    "set/00002.txt": b"",
    "set/" + "b" * 95 + ".json": b"{}",  # 104 bytes: ustar splits it at the slash
    "set/grün-猫.txt": "grün".encode(),
    "exact.bin": b"x" * 512,
}
LONG = "deep/" * 30 + "c.txt"  # does not fit ustar


def add(archive, name, contents):
    member = tarfile.TarInfo(name)
    member.size = len(contents)
    archive.addfile(member, io.BytesIO(contents))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, default=GOLDEN)
    output = parser.parse_args().output
    rows = []
    for kind, number in FORMATS.items():
        files = FILES if kind == "ustar" else FILES | {LONG: b"deep"}
        with tarfile.open(output / f"{kind}.tar", "w", format=number, encoding="utf-8") as archive:
            folder = tarfile.TarInfo("set")
            folder.type = tarfile.DIRTYPE
            archive.addfile(folder)
            link = tarfile.TarInfo("link.txt")
            link.type, link.linkname = tarfile.SYMTYPE, LONG if kind != "ustar" else "00001.txt"
            archive.addfile(link)
            for name, contents in files.items():
                add(archive, name, contents)
                rows.append(f"{kind}\t{name}\t{contents.hex()}")
    (output / "archives.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
