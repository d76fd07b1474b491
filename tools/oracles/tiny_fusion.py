"""Tiny random fusions of modalities and what they compute: writes Tests/ModelsTests/Golden/…"""

import json
import pathlib

import safetensors.torch
import torch
from torch import nn
from torch.nn import functional

import tiny_model as tiny

WIDTH, HEADS, INNER, LAYERS, EXPERTS = 32, 4, 48, 2, 3
IMAGE, AUDIO, TEXT, OUTPUTS = 6, 5, 4, 11
LOCAL = {"width": 16, "heads": 2, "inner": 24}  # of the local fusion
TOKENS = [3, 0, 10, 7]


class Layer(nn.Module):
    """Attention and feed-forward part with their norms first; both may be over rows of others or behind gates."""

    def __init__(self, experts=1, gated=False, cross=False, width=WIDTH, heads=HEADS, inner=INNER):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.output = (nn.Linear(width, width) for _ in range(4))
        self.attention_norm = nn.LayerNorm(width)
        if gated:
            self.attention_gate, self.gate = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))
        if not cross:
            self.up, self.down = nn.Linear(width, inner * experts), nn.Linear(inner, width * experts)
            self.norm = nn.LayerNorm(width)
        if experts > 1:
            self.router = nn.Linear(width, experts, bias=False)

    def attend(self, x, seen=None, causal=False):
        x = self.attention_norm(x)
        seen = x if seen is None else seen
        query, key, value = (
            matrix(rows).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for matrix, rows in ((self.query, x), (self.key, seen), (self.value, seen)))
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=causal)
        return self.output(mixed.transpose(1, 2).flatten(2))

    def feed(self, x):
        x = self.norm(x)
        if not hasattr(self, "router"):
            return self.down(functional.gelu(self.up(x)))
        shares = self.router(x).softmax(-1)
        results = []
        for expert in range(shares.shape[-1]):
            up, down = slice(expert * INNER, (expert + 1) * INNER), slice(expert * WIDTH, (expert + 1) * WIDTH)
            wide = functional.gelu(functional.linear(x, self.up.weight[up], self.up.bias[up]))
            results.append(functional.linear(wide, self.down.weight[down], self.down.bias[down]))
        best = functional.one_hot(shares.argmax(-1), shares.shape[-1])
        return (torch.stack(results, -1) * (shares * best).unsqueeze(-2)).sum(-1)

    def forward(self, x):
        x = x + self.attend(x)
        return x + self.feed(x)


class Fusion(nn.Module):
    """What all have: tables for kind and place of streams, layers, a norm and a head."""

    def __init__(self, layers, **streams):
        super().__init__()
        self.kind = nn.ParameterDict({name: nn.Parameter(torch.zeros(rows, WIDTH)) for name, rows in streams.items()})
        self.layers = nn.ModuleList(layers)
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, OUTPUTS)

    def stream(self, name):
        return tiny.numbers(1, *self.kind[name].shape) + self.kind[name]

    def rows(self):
        return torch.cat([self.stream(name) for name in ("image", "audio", "text")], 1)

    def forward(self):
        return self.fuse(self.rows())

    def fuse(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x.mean(1)))


class LocalFusion(nn.Module):
    """A smaller fusion over the same rows."""

    def __init__(self):
        super().__init__()
        self.rows = nn.Linear(WIDTH, LOCAL["width"])
        self.layers = nn.ModuleList([Layer(**LOCAL)])
        self.norm, self.head = nn.LayerNorm(LOCAL["width"]), nn.Linear(LOCAL["width"], OUTPUTS)

    def forward(self, x):
        x = self.rows(x)
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x.mean(1)))


class WithLocal(Fusion):
    def __init__(self):
        super().__init__([Layer() for _ in range(LAYERS)], image=IMAGE, audio=AUDIO, text=TEXT)
        self.local = LocalFusion()

    def forward(self):
        return {"fused": self.fuse(self.rows()), "local.fused": self.local(self.rows())}


class Cross(Fusion):
    def __init__(self):
        super().__init__([Layer() for _ in range(LAYERS)], image=IMAGE, text=TEXT)
        self.image_norm = nn.LayerNorm(WIDTH)
        for layer in self.layers:
            layer.cross = Layer(gated=True)

    def forward(self):
        seen, x = self.image_norm(self.stream("image")), self.stream("text")
        for layer in self.layers:
            x = x + torch.tanh(layer.cross.attention_gate) * layer.cross.attend(x, seen)
            x = layer(x + torch.tanh(layer.cross.gate) * layer.cross.feed(x))
        return self.head(self.norm(x.mean(1)))


class Caption(Fusion):
    def __init__(self):
        super().__init__([Layer() for _ in range(LAYERS)], image=IMAGE)
        self.image_norm = nn.LayerNorm(WIDTH)
        self.words, self.positions = nn.Parameter(torch.zeros(OUTPUTS, WIDTH)), nn.Parameter(torch.zeros(8, WIDTH))
        for layer in self.layers:
            layer.cross = Layer(cross=True)

    def forward(self):
        seen = self.image_norm(self.stream("image"))
        x = self.words[torch.tensor([TOKENS])] + self.positions[:len(TOKENS)]
        for layer in self.layers:
            x = x + layer.attend(x, causal=True)
            x = x + layer.cross.attend(x, seen)
            x = x + layer.feed(x)
        return self.head(self.norm(x))


def write(name, model, output=None, **inputs):
    model = tiny.randomize(model, 7)
    folder = pathlib.Path(tiny.GOLDEN / name)
    folder.mkdir(parents=True, exist_ok=True)
    model.half()
    safetensors.torch.save_file(model.state_dict(), folder / "model.safetensors")
    results = model.float()()
    tiny.write_expected(folder, {output: results} if output else results, **inputs)
    return folder


def write_configuration(folder):
    sizes = {"width": WIDTH, "layers": LAYERS, "heads": HEADS, "inner": INNER, "outputs": OUTPUTS}
    rows = {"image_rows": IMAGE, "audio_rows": AUDIO, "text_rows": TEXT}
    configuration = {"model_type": "tributary-fusion", **sizes, **rows, "local": {"layers": 1, **LOCAL}}
    (folder / "config.json").write_text(json.dumps(configuration, indent=2) + "\n")


if __name__ == "__main__":
    write("fusion", Fusion([Layer() for _ in range(LAYERS)], image=IMAGE, audio=AUDIO, text=TEXT), "fused")
    write("fusion-experts", Fusion([Layer(experts=EXPERTS)], image=IMAGE, audio=AUDIO, text=TEXT), "fused")
    write_configuration(write("fusion-local", WithLocal()))
    write("fusion-cross", Cross(), "fused")
    write("caption", Caption(), "logits", tokens=TOKENS)
