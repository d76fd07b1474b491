"""A tiny random BERT in Hugging Face's files and its embeddings: writes Tests/ModelsTests/Golden/tiny-bert."""

import json
import pathlib

import tokenizers
import torch
import transformers

FOLDER = pathlib.Path(__file__).parents[2] / "Tests" / "ModelsTests" / "Golden" / "tiny-bert"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = "the a cat dog sat on mat ##s ##ing run é e\u0301 中 . ,".split()
LONGEST = 24


def model():
    torch.manual_seed(11)
    configuration = transformers.BertConfig(
        vocab_size=len(SPECIAL + WORDS), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=LONGEST + 8)
    bert = transformers.BertModel(configuration).eval()
    with torch.no_grad():
        for name, value in bert.named_parameters():
            value.copy_(torch.randn_like(value) * (0.3 if value.dim() > 1 else 0.1) + (1 if name.endswith("LayerNorm.weight") else 0))
    return bert


def write_tokenizer():
    vocabulary = {token: number for number, token in enumerate(SPECIAL + WORDS)}
    made = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = tokenizers.normalizers.BertNormalizer()
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    made.save(str(FOLDER / "tokenizer.json"))
    (FOLDER / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    (FOLDER / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": LONGEST, "do_lower_case": False}) + "\n")


def write():
    FOLDER.mkdir(parents=True, exist_ok=True)
    bert = model()
    bert.save_pretrained(FOLDER)
    write_tokenizer()
    cases = []
    for length in (1, 2, 7, LONGEST):
        tokens = torch.randint(len(SPECIAL + WORDS), (1, length))
        with torch.no_grad():
            rows = bert(input_ids=tokens).last_hidden_state[0]
        embedding = torch.nn.functional.normalize(rows.mean(0), dim=0)
        cases.append({"tokens": tokens[0].tolist(), "embedding": [float(f"{x:.9g}") for x in embedding.tolist()]})
    (FOLDER.parent / "tiny-bert-embeddings.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    write()
