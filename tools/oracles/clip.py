"""Writes the golden files of Tests/PreprocessingTests for CLIP's tokenizer, from Hugging Face `transformers`.

- clip_tokens.txt, clip_merges.txt: a small vocabulary and its merges, trained here on a few sentences; one byte (U+0001) is left out
- clip.tsv: limit of tokens, text (bytes in hexadecimal), numbers of the tokens
- clip_scalars.tsv: for each block of 8,192 Unicode scalars below U+30000 the CRC-32 of the tokens of "c acb eć̂̃ c̣c " for each
  scalar c, 4 bytes each, big end first

Usage: python tools/oracles/clip.py [--output DIR]
Needs: pip install tokenizers transformers; made with 0.23.3, 5.23.0.
"""

import argparse
import json
import pathlib
import random
import zlib

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer
from wordpiece import ALPHABETS, BLOCK, SENTENCES, damaged, random_scalars

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "Tests/PreprocessingTests/Golden"
START, END = "<|startoftext|>", "<|endoftext|>"
MISSING = "\u0101"  # how byte 1 is written
LIMIT = 77
SCALARS = 0x30000  # behind are no letters but those of later versions of Unicode

SPECIAL = """
it's they're we've i'm she'll he'd can't IT'S THEY'RE 'S 's'S ''s '' ' 'st 'rea d'dd l'll o'clock rock'n'roll '\u017f
<|startoftext|> <|endoftext|> a<|endoftext|>b <|STARTOFTEXT|> !!<|ENDOFTEXT|>!! <|EndOfText|>> <|endoftext|>|> <|endoftext| |endoftext|>
<|\u212bndoftext|> <|endofte\u0301xt|> <|endoftext\u0301|> <|ENDOFTEXT\u0301|> <|START<|endoftext|>OFTEXT|>
\u1100\u1176 A photo of a cat, 2 dogs & 33 birds @ 10:45pm for $9.99!!! #nofilter https://example.org/?q=a_b-c%20d
e\u0301 \u00e9 E\u0301 \u212b \u2126 \u1e9b\u0323 \u0344 \u0958 \ufb2c \u2adc \u1100\u1161\u11a8 \uac00\u11a8 \uac00\u11a7 \uac01\u11a8
a\u0301\u0323\u0302 a\u0323\u0302\u0301 q\u0307\u0323 \u0301a \u0301\u0301\u0301 a\u0315\u0300\u05ae\u0300\u0062 \u0130 \u0130\u0307 I\u0307
\u0b47\u0300\u0b3e \u1025\u102e \U00011131\U00011127 \U0001d15e \U0001d1bb\U0001d16e \u09c7\u09be \u0cc6\u0cc2\u0cd5 \u115f\u1160
x\u0001y \u0001 \x7f \x00 a\x00b \x1c\x1d\x1e\x1f \x85 \ufeff \u200b \u2028 \u3000 \u00ad \u180e
\u00bd \u2167 \u0664 \u096a \u4e09 \u3007 \u2460 \U0001f100 \u00b2 1234567890 3.14 v2 x86_64
""".strip("\n").split("\n")


def vocabulary():
    """(tokens, merges)"""
    trained = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    trained.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    trained.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    trained.train_from_iterator([*SENTENCES, *SPECIAL], trainers.BpeTrainer(
        vocab_size=1500, end_of_word_suffix="</w>", min_frequency=1, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    merges = [tuple(pair) for pair in json.loads(trained.to_str())["model"]["merges"]]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [(a, b) for a, b in merges if MISSING not in a + b]
    known, kept = {*letters, *(letter + "</w>" for letter in letters)}, []
    for a, b in merges:
        if a in known and b in known:
            known.add(a + b)
            kept.append((a, b))
    tokens = [t for t in [*letters, *(letter + "</w>" for letter in letters)] if MISSING not in t]
    tokens += list(dict.fromkeys(a + b for a, b in kept)) + [START, END]
    return list(dict.fromkeys(tokens)), kept


def texts(chance):
    for sentence in [*SENTENCES, *SPECIAL]:
        yield sentence.encode()
    for alphabet in ALPHABETS:
        for _ in range(25):
            yield "".join(chance.choices(alphabet, k=chance.randrange(1, 24))).encode()
    for _ in range(150):
        yield random_scalars(chance, chance.randrange(1, 12)).encode()
    for sentence in SENTENCES:
        yield damaged(chance, sentence.encode())[:60]
    for unit in ["a", "ab", "the", "'", "'s", "!", "é", "e\u0301", "😀", "1", "\u0301"]:
        yield (unit * 120).encode()
    yield b""
    yield b" \n\t"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, default=GOLDEN)
    output = parser.parse_args().output
    chance = random.Random(1)
    tokens, merges = vocabulary()
    tokenizer = CLIPTokenizer(vocab={token: number for number, token in enumerate(tokens)}, merges=merges)

    def encode(text, limit):
        return tokenizer(text, truncation=limit is not None, max_length=limit)["input_ids"]

    rows = []
    for data in dict.fromkeys(texts(chance)):
        limit = chance.choice([LIMIT, LIMIT, LIMIT, 7, 2])
        rows.append((limit, data.hex(), " ".join(map(str, encode(data.decode(errors="replace"), limit)))))
    blocks = []
    for first in range(0, SCALARS, BLOCK):
        scalars = [chr(c) for c in range(first, first + BLOCK) if not 0xD800 <= c < 0xE000]
        text = "".join(f"{c} a{c}b e{c}\u0301\u0302\u0303 {c}\u0323{c} " for c in scalars)
        blocks.append((f"{zlib.crc32(b''.join(n.to_bytes(4, 'big') for n in encode(text, None))):08x}",))
    (output / "clip_tokens.txt").write_text("\n".join(tokens) + "\n")
    (output / "clip_merges.txt").write_text("".join(f"{a} {b}\n" for a, b in merges))
    for name, table in {"clip.tsv": rows, "clip_scalars.tsv": blocks}.items():
        (output / name).write_text("".join("\t".join(map(str, row)) + "\n" for row in table))
    print(f"{len(tokens)} tokens, {len(merges)} merges, {len(rows)} texts")


if __name__ == "__main__":
    main()
