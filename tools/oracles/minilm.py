"""The float embeddings of all-MiniLM-L6-v2 and a simulation of the quantised model.

    minilm.py MODEL_DIRECTORY              writes Tests/CompressionTests/Golden/minilm-*
    minilm.py MODEL_DIRECTORY --simulate   compares the quantisation's arithmetic with float, no files
"""

import pathlib
import struct
import sys

import numpy
import torch
import transformers

import sentences

GOLDEN = pathlib.Path(__file__).parents[2] / "Tests" / "CompressionTests" / "Golden"
LONGEST = 256


class Model:
    """The encoder from transformers and its tokenizer."""

    def __init__(self, directory):
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
        self.bert = transformers.BertModel.from_pretrained(directory, attn_implementation="eager").eval()

    def identifiers(self, text):
        return self.tokenizer(text, truncation=True, max_length=LONGEST)["input_ids"]

    def embedding(self, identifiers):
        """Mean pooling and normalisation as the model's card tells, one sequence, no padding."""
        with torch.no_grad():
            rows = self.bert(input_ids=torch.tensor([identifiers])).last_hidden_state[0]
        return torch.nn.functional.normalize(rows.mean(0), dim=0)


def write_golden(model):
    """sentences: one a line. tokens: per sentence u16 count, u16 identifiers. embeddings: u32 count, u32 width, then per sentence a
    float32 scale and int16 values, real = scale · value. All little-endian."""
    texts = sentences.golden()
    identifiers = [model.identifiers(text) for text in texts]
    embeddings = [model.embedding(row).numpy() for row in identifiers]
    GOLDEN.mkdir(parents=True, exist_ok=True)
    (GOLDEN / "minilm-sentences.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
    (GOLDEN / "minilm-tokens.bin").write_bytes(b"".join(struct.pack(f"<H{len(row)}H", len(row), *row) for row in identifiers))
    packed = struct.pack("<II", len(embeddings), len(embeddings[0]))
    for row in embeddings:
        scale = numpy.float32(numpy.abs(row).max() / 32767)
        packed += struct.pack("<f", scale) + numpy.rint(row / scale).astype("<i2").tobytes()
    (GOLDEN / "minilm-embeddings.bin").write_bytes(packed)


def quantized_weight(weight):
    scale = weight.abs().amax(1, keepdim=True) / 127
    scale[scale == 0] = 1
    return (weight / scale).round().clamp(-127, 127) * scale


def row_codes(rows):
    """Rows through 8-bit codes, asymmetric, each with its own range."""
    low, high = rows.amin(-1, keepdim=True).clamp(max=0), rows.amax(-1, keepdim=True).clamp(min=0)
    step = (high - low) / 255
    step[step == 0] = 1
    zero = (-low / step).round()
    return (((rows / step).round() + zero).clamp(0, 255) - zero) * step


class Simulation:
    """The model with each tensor passed through `activation(name, rows)`, each product's input through `product` and each matrix
    through `matrix(name, weight)`."""

    def __init__(self, model, matrix=lambda name, weight: weight, product=lambda rows: rows, boundary=lambda rows: rows,
                 activation=lambda name, rows: rows):
        self.parameters = {name: value.detach() for name, value in model.bert.named_parameters()}
        table = self.parameters["embeddings.position_embeddings.weight"]
        self.parameters["embeddings.position_embeddings.weight"] = table + self.parameters["embeddings.token_type_embeddings.weight"][0]
        for name, value in self.parameters.items():
            if value.dim() == 2:
                self.parameters[name] = matrix(name, value)
        self.product, self.boundary, self.activation = product, boundary, activation
        self.layers = model.bert.config.num_hidden_layers
        self.heads = model.bert.config.num_attention_heads

    def linear(self, name, rows):
        return self.product(rows) @ self.parameters[name + ".weight"].T + self.parameters[name + ".bias"]

    def norm(self, name, rows):
        gain, shift = self.parameters[name + ".weight"], self.parameters[name + ".bias"]
        return torch.nn.functional.layer_norm(rows, rows.shape[-1:], gain, shift, 1e-12)

    def attention(self, query, key, value):
        query, key, value = (x.view(len(x), self.heads, -1).transpose(0, 1) for x in (query, key, value))
        weights = (query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5).softmax(-1)
        return (weights @ value).transpose(0, 1).reshape(value.shape[1], -1)

    def run(self, identifiers):
        a = self.activation
        with torch.no_grad():
            rows = a("embeddings.lookup", self.parameters["embeddings.word_embeddings.weight"][identifiers]
                     + self.parameters["embeddings.position_embeddings.weight"][: len(identifiers)])
            rows = self.boundary(a("embeddings.norm", self.norm("embeddings.LayerNorm", rows)))
            for layer in range(self.layers):
                p, n = f"encoder.layer.{layer}.", f"encoder.{layer}."
                q, k, v = (a(n + kind, self.linear(p + "attention.self." + kind, rows)) for kind in ("query", "key", "value"))
                mixed = a(n + "attention", self.attention(q, k, v))
                mixed = a(n + "projection", self.linear(p + "attention.output.dense", mixed))
                rows = a(n + "attention-norm", self.norm(p + "attention.output.LayerNorm", a(n + "attention-sum", rows + mixed)))
                wide = a(n + "gelu", torch.nn.functional.gelu(self.linear(p + "intermediate.dense", rows)))
                narrow = a(n + "output", self.linear(p + "output.dense", wide))
                rows = self.boundary(a(n + "norm", self.norm(p + "output.LayerNorm", a(n + "sum", rows + narrow))))
            return torch.nn.functional.normalize(a("pooling.mean", rows.mean(0)), dim=0)


def static_scales(model, texts, margin):
    largest = {}

    def watch(name, rows):
        largest[name] = max(largest.get(name, 0), rows.abs().max().item())
        return rows

    simulation = Simulation(model, activation=watch)
    for text in texts:
        simulation.run(model.identifiers(text))

    def activation(name, rows):
        limit = 2047 if name.endswith(("query", "key", "value")) else 32767
        scale = largest[name] * margin / limit
        return (rows / scale).round().clamp(-limit, limit) * scale

    return activation


def report(title, simulation, tokens, truth):
    made = torch.stack([simulation.run(row) for row in tokens])
    cosine = (made * truth).sum(-1)
    print(f"{title:44s} mean {cosine.mean():.5f}  min {cosine.min():.5f}  5th lowest {cosine.sort().values[4]:.5f}", flush=True)
    return cosine


def simulate(model):
    texts = sentences.golden()
    tokens = [model.identifiers(text) for text in texts]
    truth = torch.stack([model.embedding(row) for row in tokens])
    int16 = static_scales(model, sentences.calibration(), 1.25)
    plain = lambda name, weight: quantized_weight(weight)
    report("float", Simulation(model), tokens, truth)
    report("int16 activations", Simulation(model, activation=int16), tokens, truth)
    report("8-bit product inputs", Simulation(model, product=row_codes), tokens, truth)
    report("int8 weights", Simulation(model, matrix=plain), tokens, truth)
    cosine = report("all", Simulation(model, plain, row_codes, row_codes, int16), tokens, truth)
    for index in cosine.argsort()[:8]:
        print(f"  {cosine[index]:.5f} {texts[index][:100]!r}")


if __name__ == "__main__":
    encoder = Model(sys.argv[1])
    simulate(encoder) if "--simulate" in sys.argv else write_golden(encoder)
