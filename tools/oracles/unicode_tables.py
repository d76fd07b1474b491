"""Writes Sources/Preprocessing/Text/UnicodeTables.swift: what Hugging Face `tokenizers` does with each Unicode scalar.

`tokenizers` takes its classes, decompositions and case mappings from Unicode versions of different age, so the tables are
measured on `tokenizers` itself, scalar by scalar, instead of being read from one version of the Unicode Character Database.

Usage: python tools/oracles/unicode_tables.py   (needs: pip install tokenizers; made with 0.23.3)
"""

import pathlib
import unicodedata

import tokenizers
from tokenizers import normalizers, pre_tokenizers

OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "Sources/Preprocessing/Text/UnicodeTables.swift"
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)
ORDINARY, REMOVED, SPACE, IDEOGRAPH, PUNCTUATION, MARK, BOUNDARY_MARK, COMBINING = range(8)


def bert(**on):
    options = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**options, **on}).normalize_str


clean, chinese = bert(clean_text=True), bert(handle_chinese_chars=True)
strip, lower, nfd = bert(strip_accents=True), bert(lowercase=True), normalizers.NFD().normalize_str
split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str

# One mark for each canonical combining class that `tokenizers` knows: it changes places with a mark of class 1 or 230.
MARKS = {}
for scalar in filter(lambda c: unicodedata.combining(chr(c)) and not unicodedata.decomposition(chr(c)), SCALARS):
    mark = chr(scalar)
    moves = nfd(f"\u0301{mark}") != f"\u0301{mark}" or nfd(f"{mark}\u0334") != f"{mark}\u0334"
    if moves:
        MARKS.setdefault(unicodedata.combining(mark), mark)


def combining_class(scalar):
    """The canonical combining class that the NFD of `tokenizers` gives a scalar without decomposition."""
    text = chr(scalar)
    if all(nfd(mark + text) == mark + text and nfd(text + mark) == text + mark for mark in MARKS.values()):
        return 0
    same = [
        value for value, mark in MARKS.items()
        if text == mark or (nfd(mark + text) == mark + text and nfd(text + mark) == text + mark)
    ]
    assert len(same) == 1, hex(scalar)
    return same[0]


def measure(scalar):
    """Gives (class, what is left after stripping accents, lower case)."""
    text = chr(scalar)
    inside = f"a{text}b"
    cleaned = clean(inside)
    stripped, lowered = strip(text), lower(text)
    pieces = [piece for piece, _ in split(inside)]
    if cleaned == "ab":
        return REMOVED, text, text
    if scalar == 0x20 or cleaned == "a b":
        assert pieces == ["a", "b"], hex(scalar)
        return SPACE, text, text
    assert cleaned == inside, hex(scalar)
    if chinese(inside) != inside:
        assert chinese(inside) == f"a {text} b" and pieces == [inside] and lowered == text, hex(scalar)
        return IDEOGRAPH, stripped, text
    if pieces == ["a", text, "b"]:
        assert lowered == text, hex(scalar)
        return PUNCTUATION, stripped, text
    assert pieces == [inside], hex(scalar)
    if stripped == "":
        return (MARK if any(combining_class(ord(c)) for c in nfd(text)) else BOUNDARY_MARK), text, lowered
    if stripped == text and combining_class(scalar):
        assert lowered == text, hex(scalar)
        return COMBINING, text, text
    return ORDINARY, stripped, lowered


def class_runs(classes):
    runs, last = [], None
    for scalar in range(0x110000):
        value = classes.get(scalar, ORDINARY)
        if value != last:
            runs.append(scalar << 3 | value)
            last = value
    return runs


def lowercase_runs(lowered):
    """Runs of scalars, one or two apart, that go to lower case by the same distance: (first, last, step, distance)."""
    runs = []
    for scalar, text in sorted(lowered.items()):
        if len(text) != 1:
            assert (scalar, text) == (0x130, "i\u0307")
            continue
        distance = ord(text) - scalar
        if runs:
            first, last, step, before = runs[-1]
            gap = scalar - last
            if before == distance and gap in (1, 2) and step in (0, gap):
                runs[-1] = (first, scalar, gap, before)
                continue
        runs.append((scalar, scalar, 0, distance))
    return [(first, last, step or 1, distance) for first, last, step, distance in runs]


def check_stripped(scalar, text, classes):
    """Stripping accents is decomposing and dropping the non-spacing marks, so it needs no table."""
    assert text == "".join(part for part in nfd(chr(scalar)) if classes[ord(part)] not in (MARK, BOUNDARY_MARK)), hex(scalar)


def packed(numbers):
    """The text of `PackedNumbers`: differences of 32 bits, zigzag-coded, in groups of 5 from the lowest, 32 more where another follows."""
    text, last = "", 0
    for number in numbers:
        difference, last = (number - last + 2**31) % 2**32 - 2**31, number
        coded = 2 * difference if difference >= 0 else -2 * difference - 1
        while coded > 31:
            text += chr(0x30 + 32 + coded % 32)
            coded //= 32
        text += chr(0x30 + coded)
    return text


def array(name, numbers, comment):
    text = packed(numbers)
    lines = [f"    {text[at:at + 134]}" for at in range(0, len(text), 134)]
    return "\n".join([f"  /// {comment}", f'  static let {name} = PackedNumbers.unpack(#"""', *lines, '    """#)'])


def main():
    measured = {scalar: measure(scalar) for scalar in SCALARS}
    classes = {scalar: value for scalar, (value, _, _) in measured.items()}
    lowered = {scalar: text for scalar, (_, _, text) in measured.items() if text != chr(scalar) and scalar > 0x7F}
    combining = [scalar << 8 | combining_class(scalar) for scalar in SCALARS if classes[scalar] == COMBINING]
    for scalar, text in lowered.items():
        assert all(classes[ord(c)] == classes[scalar] for c in text[:1]), hex(scalar)
    for scalar, (value, text, _) in measured.items():
        if value not in (REMOVED, SPACE, MARK, BOUNDARY_MARK):
            check_stripped(scalar, text, classes)
    lower_runs = lowercase_runs(lowered)
    body = "\n\n".join([
        array("classRuns", class_runs(classes),
              "Runs of scalars of one class, ascending: first scalar << 3 | raw value of `ScalarClass`."),
        array("combiningClasses", combining,
              "Scalars of class `combining`, ascending: scalar << 8 | canonical combining class."),
        array("lowercaseFirst", [first << 2 | step for first, _, step, _ in lower_runs],
              "Runs of scalars above U+007F with a lower case, ascending: first scalar << 2 | step between scalars."),
        array("lowercaseLast", [last for _, last, _, _ in lower_runs], "The last scalar of each such run."),
        array("lowercaseDistance", [distance for _, _, _, distance in lower_runs],
              "What to add to a scalar of each such run."),
    ])
    OUTPUT.write_text(
        "// Generated by tools/oracles/unicode_tables.py from the behaviour of Hugging Face tokenizers "
        f"{tokenizers.__version__}; change it there.\n// swift-format-ignore-file\n\n"
        "/// What BERT's normaliser does with each Unicode scalar. `ScalarClass` and `Scalar` read these tables.\n"
        f"enum UnicodeTables {{\n{body}\n}}\n")
    print(f"{OUTPUT.name}: {len(class_runs(classes))} class runs, {len(lower_runs)} lower-case runs, {len(combining)} combining")


if __name__ == "__main__":
    main()
