"""The self-test of tools/tidy: snippets, where each lies, and what must be said of it (None: nothing)."""

MANIFEST = 'targets: [module("Wire"), module("Inference"), module("CKernels"), tests("Wire")]\n'
NOTE = "// TO" + "DO later\n"
LONG_BODY = "  x()\n" * 69
WIRE, INFERENCE, KERNELS = "Sources/Wire/A.swift", "Sources/Inference/A.swift", "Sources/CKernels/a.c"

CASES = [
    # (path, text, line, part of the message)
    (WIRE, "let a = b!\n", 1, "forced unwrap"),
    (WIRE, "let a = f()!.g\n", 1, "forced unwrap"),
    (WIRE, "\nlet a = b[0]! + 1\n", 2, "forced unwrap"),
    (WIRE, 'let a = "\\(b!)"\n', 1, "forced unwrap"),
    (WIRE, 'let a = Int("7")!\n', 1, "forced unwrap"),
    (WIRE, "let a = try! f()\n", 1, "try!"),
    (WIRE, "let a = b as! C\n", 1, "as!"),
    (WIRE, "let a = b != c && !d // b!\n", None, None),
    (WIRE, 'let a = "b!" + #"c\\(d!)"# + """\n  e!\n  """\n', None, None),
    (WIRE, "/* a! /* b! */ c! */ let d = 1\n", None, None),
    (INFERENCE, "let a = b!\n", None, None),
    (WIRE, "import Foundation\n", 1, "may not import 'Foundation'"),
    (WIRE, "package import Inference\n", 1, "may not import 'Inference'"),
    (WIRE, "import struct Inference.Plan\n", 1, "may not import 'Inference'"),
    (WIRE, "import CZstd\nimport Synchronization\n// import Foundation\n", None, None),
    ("Sources/Unheard/A.swift", "let a = 1\n", 1, "missing from the import table"),
    (KERNELS, "#include <stdlib.h>\n", 1, "may not include <stdlib.h>"),
    (KERNELS, '#include <stdint.h>\n#include "CKernels.h"\n', None, None),
    (WIRE, "func f() {\n" + LONG_BODY + "}\n", 1, "'f' has 71 lines"),
    (WIRE, "func f<A>(\n  a: A = { 1 }()\n) throws(E)\n  where A == B\n{\n" + LONG_BODY + "}\n", 1, "'f' has 75 lines"),
    (WIRE, "struct A {\n  init?(b: Int) {\n" + LONG_BODY + "  }\n}\n", 2, "'init' has 71 lines"),
    (WIRE, "struct A {\n  var b: Int {\n" + LONG_BODY + "  }\n}\n", 2, "'b' has 71 lines"),
    (WIRE, "protocol P {\n  func f()\n  func g() -> Int\n}\nstruct A {\n" + "  let a: Int\n" * 80 + "}\n", None, None),
    (WIRE, "func f() {\n" + LONG_BODY[:-6] + "}\n", None, None),
    (KERNELS, "int f(int a) {\n" + "  a = '{';\n" * 69 + "}\n", 1, "'f' has 71 lines"),
    (KERNELS, "static const int t[] = {\n" + "  1,\n" * 90 + "};\n", None, None),
    ("tools/a.py", "def f():\n" + "    x = 1\n" * 70, 1, "'f' has 71 lines"),
    ("tools/a", "#!/bin/bash\nf() {\n" + "  x\n" * 69 + "}\n", 2, "'f' has 71 lines"),
    (WIRE, "let a = 1\n" * 501, 501, "more than 500"),
    (WIRE, "let a = 1\n" * 500, None, None),
    (WIRE, "// " + "a" * 138 + "\n", 1, "141 characters"),
    ("Tests/WireTests/Golden/a.txt", "a" * 900 + "\n", 1, "no other file names this one"),
    (WIRE, NOTE, 1, "do it"),
    ("README.md", "Open /ho" + "me/me/a.txt\n", 1, "a path of one machine"),
    ("README.md", "See https://example.org/home/page and ~/work/a and /usr/lib\n", None, None),
    (WIRE, "let a = 1 \n", 1, "space at the end"),
    (INFERENCE, "let a = b.map(\\.c)\n", 1, "no key paths"),
    (INFERENCE, 'let a = "\\(b.c)\\n.d"\n', None, None),
    ("notes.txt", "a\n", 1, "no place at the top level"),
    ("Sources/Gone/a.c", "int a;\n", 1, "no target of Package.swift"),
    ("Tests/GoneTests/A.swift", "let a = 1\n", 1, "no target of Package.swift"),
    ("Tests/WireTests/A.swift", "import Foundation\nlet a = b!\n", None, None),
    ("tools/bench/lost.py", "a = 1\n", 1, "no other file names this one"),
    ("README.md", "\n", 1, "the file is empty"),
]


def run(make, findings):
    """Runs every case with tidy's File type and its check; returns the exit status."""
    failed = 0
    for path, text, line, part in CASES:
        files = [make("Package.swift", MANIFEST.encode()), make(path, text.encode())]
        found = list(findings(files))
        good = not found if part is None else any(where == path and at == line and part in message for where, at, message in found)
        if not good:
            failed += 1
            print(f"tools/tidy_test.py: {path}: {text[:60]!r}: expected {part or 'nothing'} at {line}, found {found}")
    print(f"tools/tidy: self-test: {len(CASES) - failed} of {len(CASES)} cases are right")
    return 1 if failed else 0
