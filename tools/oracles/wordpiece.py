"""Writes the golden files of Tests/PreprocessingTests from Hugging Face `tokenizers`.

- vocabulary.txt: the tokens of a real BERT vocabulary that the tests use (all of one character, and some thousand pieces)
- wordpiece.tsv: options, limit of tokens, text (bytes in hexadecimal), CRC-32 of the words, numbers of the tokens
- scalars.tsv: for each block of 8,192 Unicode scalars and each set of options the CRC-32 of the words of "c acb" for each scalar c

Usage: python tools/oracles/wordpiece.py MODEL [--output DIR] [--all-tokens]
MODEL is a folder with the tokenizer.json of an uncased BERT model (all-MiniLM-L6-v2); --all-tokens keeps its whole vocabulary.
Needs: pip install tokenizers; made with 0.23.3.
"""

import argparse
import json
import pathlib
import random
import unicodedata
import zlib

from tokenizers import Tokenizer, normalizers, pre_tokenizers

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "Tests/PreprocessingTests/Golden"
BLOCK = 8192
OPTIONS = {
    "uncased": dict(lowercase=True, strip_accents=None, handle_chinese_chars=True),
    "cased": dict(lowercase=False, strip_accents=None, handle_chinese_chars=True),
    "accented": dict(lowercase=True, strip_accents=False, handle_chinese_chars=True),
    "unspaced": dict(lowercase=True, strip_accents=True, handle_chinese_chars=False),
    "stripped": dict(lowercase=False, strip_accents=True, handle_chinese_chars=True),
}

SENTENCES = """
a cat asleep on a sofa
The quick brown fox jumps over the lazy dog.
Don't stop! It's 3.14% of $1,000.00 -- "isn't it?" (yes/no) [maybe] {set} <tag> #hash @home ~ ^ ` | \\
unaffable, electroencephalographically antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis
Mr. O'Neill-Smith's e-mail: john.o'neill@example.org; tel. +44 (0)20 7946 0018
Élève naïve à Noël, où l'œuvre coûte 5 € — ça va? garçon façade déjà vu
Ångström, Øresund, Þórr, Æsir, Łódź, Škoda, Dvořák, Ćevapčići, señor, São Paulo, Größe, Straße, STRASSE, ẞ
İstanbul ISPARTA ısı Iğdır İİ
Ὀδυσσεύς ΣΊΣΥΦΟΣ σίσυφος Ἀθῆναι ΌΔΟΣ ὁδός ᾳ ῼ Ω
Съешь же ещё этих мягких французских булок, да выпей чаю. ЙОД ёлка Київ ґанок
שָׁלוֹם עֲלֵיכֶם עברית ירושלים
السَّلَامُ عَلَيْكُمْ العربية مرحبا بالعالم ۱۲۳ ٤٥٦
हिन्दी में लिखा हुआ क्षत्रिय ज़िंदगी ड़ ढ़
বাংলা কোটি মৌ தமிழ் கொடி மௌ తెలుగు ಕನ್ನಡ ಕೊಡು മലയാളം കോഴി සිංහල ගෝ
ภาษาไทย น้ำ ลาว ພາສາລາວ བོད་སྐད་ ཨཱཿ မြန်မာ ភាសាខ្មែរ
汉字漢字 中文分词,你好,世界! 東京タワー 日本語のテキスト 𠀋𠮷 㐀㐁
ひらがな カタカナ ガギグゲゴ パピプペポ ヴ ｶﾞｷﾞ ー 「括弧」、。・
한국어 안녕하세요 세계 각 갂 갃 힣 한글
Tiếng Việt: Nguyễn Thị Ánh, đường phố Hà Nội, Ữ ữ Ặ ặ
👩‍👩‍👧‍👦 👍🏽 🇩🇪🇫🇷 ❤️ ☃︎ 🧑🏿‍🚀 1️⃣ #️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 😀😃😄
ﬁ ﬂ ﬃ ﬆ Ǆ ǅ ǆ Ĳ ŉ ½ ² ³ ™ ℃ Å K Ω № ℡ ㎏ ㏒ Ⅷ ⅷ ① ⑳ Ａｂｃ１２３ ｆｕｌｌ
豈更車賈 丽丸乁 﨎﨏 神祥福
∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β ≠ γ ≤ δ ≢ ⊄ ∄
𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒜𝓁𝓅𝒽𝒶 𝟘𝟙𝟚 𝅗𝅥𝅘𝅥𝅮 𝆹𝅥
ᏣᎳᎩ ꮳꮃꭹ 𐐀𐐨𐑏 ԱԲԳ աբգ և ႠႡႢ აბგ ᲐᲑ Ⰰⰰ Ⲁⲁ Ꙁꙁ Ꜳꜳ
« guillemets » „Anführung“ ‚einfach‘ ‹x› “double” ‘single’ … ‥ ‐ ‑ ‒ – — ― ‰ § ¶ † ‡ • ¡¿ 、。〈〉《》【】
a\tb\nc\rd\x0be\x0cf\x1cg\x85h\xa0i\u1680j\u2000k\u2009l\u200am\u2028n\u2029o\u202fp\u205fq\u3000r\u180es\ufefft
zero\u200bwidth\u200cnon\u200djoiner\u2060word\ufeffbom soft\xadhyphen \u200e\u200f\u202a\u202e\u2066\u2069 \x00nul\x01\x7f\x80\x9f
\ufffd \ufffda\ufffdb \ufffe \uffff \ue000 \uf8ff \U000f0000 \U0010ffff \U000e0001 \u0378 \u0890 \U0001f9ff
[CLS] [SEP] [MASK] [PAD] [UNK] [cls] [Sep] [MASK [MASK]] [[MASK] x[MASK]y [ MASK ] [MA\u0301SK] [MA\x00SK] [CLS[SEP] [SEP][SEP]
[unused0] [unused99] ##ing # #ing ##a ing## [UNK]s un[UNK] [\u200bSEP] ［SEP］ [SEP\u0301] [SEP]\u0301
""".strip("\n").split("\n")

ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ '-.,0123456789",
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ a",
    " \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u1680\u2000\u2003\u200a\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff.x",
    "aeiounyAEIOUNY" + "".join(map(chr, range(0x300, 0x370))),
    "abcé" + "".join(map(chr, [*range(0xC0, 0x250), 0x1E9E, *range(0x1E00, 0x1F00)])),
    "αςσΣ " + "".join(map(chr, [*range(0x370, 0x400), *range(0x1F00, 0x2000)])),
    " " + "".join(map(chr, range(0x400, 0x530))),
    " " + "".join(map(chr, [*range(0x5B0, 0x5F5), *range(0x600, 0x700)])),
    " " + "".join(map(chr, range(0x900, 0xE00))),
    " " + "".join(map(chr, [*range(0xE00, 0x1000)])),
    " a" + "".join(map(chr, [*range(0x3000, 0x3100), *range(0x4E00, 0x4F00), *range(0xF900, 0xFB00), *range(0xFF00, 0xFFF0)])),
    " 한" + "".join(map(chr, [*range(0x1100, 0x1200), *range(0xAC00, 0xD7A4, 97)])),
    " \u200d\ufe0f" + "".join(map(chr, [
        *range(0x1F3FB, 0x1F400), *range(0x1F600, 0x1F650), *range(0x1F1E6, 0x1F200), *range(0x2600, 0x2700)])),
    " x" + "".join(map(chr, [*range(0x2010, 0x2070), *range(0x2100, 0x2300), *range(0x2E00, 0x2E80)])),
    "a\u0301\u0334\u034f\u0900\u0488\u08d4\u08d5\u1b44\u1baa\u302e\u302f\ua953\ua9c0\u11446\U00011446\U0001d165\U0001d16d\U0001d16e"
    "\U0001d172\U0001d15e\U0001d160\U0001d1bb\U0001d1c0\U0001e000\u1dfb\u0345\u0f71\u0f72\u0f73\u0344\u09be\u09c7",
]


def random_scalars(chance, count):
    scalars = []
    while len(scalars) < count:
        scalar = chance.choice([chance.randrange(0x80), chance.randrange(0x3000), chance.randrange(0x10000), chance.randrange(0x110000)])
        if not 0xD800 <= scalar < 0xE000:
            scalars.append(chr(scalar))
    return "".join(scalars)


def long_words():
    units = ["a", "é", "e\u0301", "ß", "漢", "か", "が", "각", "가", "😀", "ing", "-", "a\u200b", "İ", "\u302e", "\U00010400", "\U0001d15e"]
    for unit in units:
        for count in [33, 34, 49, 50, 51, 99, 100, 101, 150]:
            yield unit * count
    for count in [99, 100, 101]:
        yield "q" * count + " tail"
        yield "play" + "x" * (count - 4) + "."
        yield "(" + "z" * count + ")" + "z" * count
    yield "a " * 600
    yield "," * 700
    yield "a\u302f\u302e" * 60 + " end"
    yield "\U0001d16d\U0001d165\U0001d16e" * 40 + " end"


def damaged(chance, data):
    data = bytearray(data)
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(data) + 1)
        kind = chance.randrange(4)
        if kind == 0 and data:
            del data[min(place, len(data) - 1)]
        elif kind == 1:
            data.insert(place, chance.randrange(256))
        elif kind == 2 and data:
            data[min(place, len(data) - 1)] ^= 1 << chance.randrange(8)
        else:
            data = data[:place] or data
    return bytes(data)


def broken_bytes(chance, texts):
    pieces = [bytes.fromhex(piece) for piece in (
        "c080 c1bf e08080 e09fbf eda080 edbfbf f0808080 f08fbfbf f4908080 f5808080 f888808080 ff fe 80 bf c3 e282 f09f98 f09f e4b8"
        " eda0bdedb880 e228a1 f0288cbc c328 ed9fbf ee8080").split()]
    for piece in pieces:
        yield from [piece, b"a" + piece, piece + b"b", b"a" + piece + b"b", b"[SEP" + piece + b"]"]
        yield b"caf" + piece + b"\xc3\xa9 " + piece + piece
    for _ in range(200):
        yield chance.randbytes(chance.randrange(1, 24))
    for _ in range(100):
        yield b"".join(chance.choice(pieces + [b"a", b" ", b"\xc3\xa9", b"\xe4\xb8\xad", b"."]) for _ in range(chance.randrange(1, 12)))
    for _ in range(300):
        text = chance.choice(texts).encode()
        start = chance.randrange(len(text))
        yield damaged(chance, text[start:start + chance.randrange(1, 30)])


def texts(tokens):
    """All golden texts as bytes: each call gives the same."""
    chance = random.Random(20)
    words = [token for token in tokens if token.isascii() and not token.startswith("[")]
    result = ["", " ", "\n", "\x00", "\u200b", "\ufffd", "a", ".", "é", "\u0301", "漢"]
    for sentence in SENTENCES:
        result += [sentence, sentence.upper(), *sentence.split()]
        result += [unicodedata.normalize(form, sentence) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    result += long_words()
    for alphabet in ALPHABETS:
        for _ in range(48):
            result.append("".join(chance.choice(alphabet) for _ in range(chance.randrange(1, 24))))
    for _ in range(300):
        parts = [chance.choice(words).replace("##", "") + chance.choice([" ", " ", "", "-"]) for _ in range(chance.randrange(1, 8))]
        result.append("".join(parts))
    for _ in range(300):
        result.append(random_scalars(chance, chance.randrange(1, 16)))
    for _ in range(60):
        parts = ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "[", "]", "SEP", "mask", " ", "é", "\u0301", "\u302e", "中", "x"]
        result.append("".join(chance.choice(parts) for _ in range(chance.randrange(1, 9))))
    return list(dict.fromkeys([*(text.encode() for text in result), *broken_bytes(chance, SENTENCES)]))


def normalizer(name):
    return normalizers.BertNormalizer(clean_text=True, **OPTIONS[name])


def cases(data):
    """(options, limit, text) of each golden case."""
    chance = random.Random(21)
    for number, text in enumerate(data):
        yield "uncased", chance.choice([512, 512, 512, 128, 16]), text
        if number % 8 == 0:
            yield chance.choice(list(OPTIONS)[1:]), 512, text
        if number % 16 == 0:
            yield "uncased", chance.choice([2, 3, 4, 5, 8, 13]), text
    for limit in range(2, 40):
        yield "uncased", limit, SENTENCES[3].encode()


def reduced(vocabulary, tokenizer, data):
    """Of the vocabulary all tokens of one character, the special ones, a part of those that the texts need, and every twelfth."""
    used = set()
    for text in data:
        used.update(tokenizer.encode(text.decode("utf-8", "replace")).ids)
    ordered = sorted(vocabulary, key=vocabulary.get)
    keep = [
        token for token in ordered
        if len(token.removeprefix("##")) == 1 or (token.startswith("[") and "unused" not in token) or token == "[unused0]"
        or (vocabulary[token] in used and vocabulary[token] % 4) or vocabulary[token] % 12 == 0 and "unused" not in token
    ]
    return {token: number for number, token in enumerate(keep)}


def with_vocabulary(document, vocabulary):
    document = json.loads(json.dumps(document))
    document["model"]["vocab"] = vocabulary
    document["truncation"] = document["padding"] = None
    for token in document["added_tokens"]:
        token["id"] = vocabulary[token["content"]]
    for name, token in document["post_processor"]["special_tokens"].items():
        token["ids"] = [vocabulary[name]]
    return Tokenizer.from_str(json.dumps(document))


def words_sum(options, text):
    """The CRC-32 of the words of a text, each with a line feed; a word too long to be looked up counts as empty."""
    words = pre_tokenizers.BertPreTokenizer().pre_tokenize_str(normalizer(options).normalize_str(text))
    lines = "".join(f"{word if len(word) <= 100 else ''}\n" for word, _ in words)
    return f"{zlib.crc32(lines.encode()):08x}"


def write_cases(output, tokenizer, data):
    lines = []
    for options, limit, text in cases(data):
        tokenizer.normalizer = normalizer(options)
        tokenizer.enable_truncation(limit)
        decoded = text.decode("utf-8", "replace")
        numbers = " ".join(map(str, tokenizer.encode(decoded).ids))
        lines.append(f"{options}\t{limit}\t{text.hex()}\t{words_sum(options, decoded)}\t{numbers}\n")
    (output / "wordpiece.tsv").write_text("".join(lines))
    return len(lines)


def write_scalars(output):
    lines = ["\t".join(OPTIONS) + "\n"]
    for start in range(0, 0x110000, BLOCK):
        scalars = [chr(c) for c in range(start, start + BLOCK) if not 0xD800 <= c < 0xE000]
        text = "".join(f"{c} a{c}b " for c in scalars)
        lines.append("\t".join(words_sum(name, text) for name in OPTIONS) + "\n")
    (output / "scalars.tsv").write_text("".join(lines))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, default=GOLDEN)
    parser.add_argument("--all-tokens", action="store_true")
    arguments = parser.parse_args()
    document = json.loads((arguments.model / "tokenizer.json").read_text())
    vocabulary = document["model"]["vocab"]
    data = texts(sorted(vocabulary, key=vocabulary.get))
    if not arguments.all_tokens:
        vocabulary = reduced(vocabulary, with_vocabulary(document, vocabulary), data)
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "vocabulary.txt").write_text("".join(f"{token}\n" for token in sorted(vocabulary, key=vocabulary.get)))
    count = write_cases(arguments.output, with_vocabulary(document, vocabulary), data)
    write_scalars(arguments.output)
    print(f"{len(vocabulary)} tokens, {len(data)} texts, {count} cases in {arguments.output}")


if __name__ == "__main__":
    main()
