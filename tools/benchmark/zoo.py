"""Makes a model for tools/bench: its weights, its inputs, what it computes in float32, and the same as ONNX.

  python -m benchmark.zoo MODEL CHECKPOINT SENTENCES FOLDER

FOLDER then holds `from`, the directory that tributary-train imports, with the inputs as safetensors; the inputs as the other engines
take them; `expected.npy`; `float32.onnx`; and `facts.json`. CHECKPOINT is the directory of the pretrained sentence encoder.
"""
import json
import pathlib
import shutil
import sys

import numpy
import safetensors.torch
import torch

from benchmark import catalog, samples

SOUND = {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 1024, "conv_dim": [256] * 7,
         "feat_extract_norm": "group", "num_conv_pos_embeddings": 128, "num_conv_pos_embedding_groups": 16, "do_stable_layer_norm": True}
FUSION = {"model_type": "tributary-fusion", "width": samples.WIDTH, "layers": 6, "heads": 8, "inner": 2048, "outputs": samples.WIDTH,
          **{f"{name}_rows": count for name, count in samples.STREAMS.items()}}


def mend_torchvision():
    """A torchvision built for another torch lacks its C++ operators, of which imports need only the names of two."""
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        for name in [name for name in sys.modules if name.startswith("torchvision")]:
            del sys.modules[name]
        mend_torchvision.library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            mend_torchvision.library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


def attention(query, key, value, heads):
    """Spelt out: converters find their own fused forms in this one best."""
    split = (1, query.shape[1], heads, query.shape[2] // heads)
    query, key, value = (part.reshape(split).transpose(1, 2) for part in (query, key, value))
    weights = torch.softmax(query @ key.transpose(-2, -1) * split[3] ** -0.5, -1)
    return (weights @ value).transpose(1, 2).reshape(1, split[1], split[2] * split[3])


class Sentence(torch.nn.Module):
    """A BERT encoder on text without padding: the mean of its rows, of length 1."""

    def __init__(self, directory):
        super().__init__()
        import transformers
        self.bert = transformers.BertModel.from_pretrained(directory, add_pooling_layer=False)

    def forward(self, tokens):
        rows = self.bert.embeddings(input_ids=tokens)
        for layer in self.bert.encoder.layer:
            own = layer.attention.self
            seen = attention(own.query(rows), own.key(rows), own.value(rows), own.num_attention_heads)
            rows = layer.attention.output(seen, rows)
            rows = layer.output(layer.intermediate(rows), rows)
        return torch.nn.functional.normalize(rows.mean(1))


class Sound(torch.nn.Module):
    """A Wav2Vec2 encoder with the norms first: the mean of its rows, of length 1."""

    def __init__(self, directory):
        super().__init__()
        import transformers
        self.model = transformers.Wav2Vec2Model.from_pretrained(directory)
        convolution = self.model.encoder.pos_conv_embed.conv
        torch.nn.utils.parametrize.remove_parametrizations(convolution, "weight")

    def forward(self, samples):
        rows, _ = self.model.feature_projection(self.model.feature_extractor(samples).transpose(1, 2))
        rows = rows + self.model.encoder.pos_conv_embed(rows)
        for layer in self.model.encoder.layers:
            own, normal = layer.attention, layer.layer_norm(rows)
            seen = attention(own.q_proj(normal), own.k_proj(normal), own.v_proj(normal), own.num_heads)
            rows = rows + own.out_proj(seen)
            rows = rows + layer.feed_forward(layer.final_layer_norm(rows))
        return torch.nn.functional.normalize(self.model.encoder.layer_norm(rows).mean(1))


class FusionLayer(torch.nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.output = (torch.nn.Linear(width, width) for _ in range(4))
        self.up, self.down = torch.nn.Linear(width, inner), torch.nn.Linear(inner, width)
        self.attention_norm, self.norm = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)

    def forward(self, rows):
        normal = self.attention_norm(rows)
        rows = rows + self.output(attention(self.query(normal), self.key(normal), self.value(normal), self.heads))
        return rows + self.down(torch.nn.functional.gelu(self.up(self.norm(rows))))


class Fusion(torch.nn.Module):
    """A transformer over the rows of all streams, with a table of kinds and places for each; then their mean, a norm and a matrix."""

    def __init__(self, directory=None):
        super().__init__()
        width = FUSION["width"]
        self.kind = torch.nn.ParameterDict({name: torch.randn(count, width) * 0.02 for name, count in samples.STREAMS.items()})
        self.layers = torch.nn.ModuleList(FusionLayer(width, FUSION["heads"], FUSION["inner"]) for _ in range(FUSION["layers"]))
        self.norm, self.head = torch.nn.LayerNorm(width), torch.nn.Linear(width, FUSION["outputs"])
        if directory:
            safetensors.torch.load_model(self, str(directory / "model.safetensors"))

    def forward(self, image, audio, text):
        streams = {"image": image, "audio": audio, "text": text}
        rows = torch.cat([rows + self.kind[name] for name, rows in streams.items()], 1)
        for layer in self.layers:
            rows = layer(rows)
        return self.head(self.norm(rows.mean(1)))


def picture(model, directory=None):
    import timm
    timm.layers.set_fused_attn(False)
    made = timm.create_model(catalog.ARCHITECTURES[model])
    if directory:
        safetensors.torch.load_model(made, str(directory / "model.safetensors"))
    return made


def load(model, directory):
    """The torch module of the weights that tributary-train imports."""
    kinds = {"sentence": Sentence, "sound": Sound, "rows": Fusion, "picture": lambda place: picture(model, place)}
    return kinds[catalog.MODELS[model].kind](pathlib.Path(directory)).eval()


mend_torchvision()


# ---------------------------------------------------------------- making
def spread_norms(module):
    """As they are initialised, batch norms multiply whole residual branches by 0, and converters drop those."""
    for norm in module.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.weight.data.uniform_(0.5, 1.0)
            norm.bias.data.normal_(0, 0.1)
            norm.running_mean.normal_(0, 0.1)
            norm.running_var.uniform_(0.5, 1.5)


def write_picture(model, directory):
    made = picture(model)
    spread_norms(made)
    known = {name: made.pretrained_cfg[name] for name in ("input_size", "interpolation", "crop_pct", "crop_mode", "mean", "std")}
    configuration = {"architecture": catalog.ARCHITECTURES[model], "num_classes": made.num_classes, "pretrained_cfg": known}
    (directory / "config.json").write_text(json.dumps(configuration))
    safetensors.torch.save_model(made, str(directory / "model.safetensors"))


def write_sound(directory):
    import transformers
    transformers.Wav2Vec2Model(transformers.Wav2Vec2Config(**SOUND)).save_pretrained(directory)
    (directory / "preprocessor_config.json").write_text(json.dumps({"feature_size": 1, "sampling_rate": 16000, "do_normalize": False}))


def write_fusion(directory):
    (directory / "config.json").write_text(json.dumps(FUSION))
    safetensors.torch.save_model(Fusion(), str(directory / "model.safetensors"))


def write_weights(model, checkpoint, directory):
    """The directory that tributary-train imports. Random weights are the same every time."""
    torch.manual_seed(0)
    match catalog.MODELS[model].kind:
        case "sentence": shutil.copytree(checkpoint, directory)
        case "picture": write_picture(model, directory)
        case "sound": write_sound(directory)
        case "rows": write_fusion(directory)


def multiply_accumulates(module, example):
    from torch.utils.flop_counter import FlopCounterMode
    with FlopCounterMode(display=False) as counter:
        module(*example)
    return counter.get_total_flops() // 2


@torch.no_grad()
def make(model, checkpoint, text, folder):
    directory = folder / "from"
    if catalog.MODELS[model].kind != "sentence":
        directory.mkdir(parents=True)
    write_weights(model, checkpoint, directory)
    calibration, held_out = samples.inputs(model, checkpoint, text)
    for name, examples in (("calibration", calibration), ("held-out", held_out)):
        tensors = {key: torch.from_numpy(values) for key, values in samples.numbered(examples).items()}
        safetensors.torch.save_file(tensors, directory / f"{name}.safetensors")
        peers = [samples.for_peers(example) for example in examples]
        numpy.savez(folder / f"{name}.npz", **{key: numpy.stack([one[key] for one in peers]) for key in peers[0]})
    first = samples.for_peers(held_out[0])
    numpy.savez(folder / "first.npz", **first)
    module = load(model, directory)
    feeds = [[torch.from_numpy(values) for values in samples.for_peers(example).values()] for example in held_out]
    numpy.save(folder / "expected.npy", numpy.concatenate([module(*feed).numpy() for feed in feeds]))
    torch.onnx.export(module, tuple(feeds[0]), str(folder / "float32.onnx"), input_names=list(first), output_names=["result"],
                      opset_version=17, dynamo=False)
    facts = {"multiply_accumulates": multiply_accumulates(module, feeds[0]),
             "parameters": sum(parameter.numel() for parameter in module.parameters())}
    (folder / "facts.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    make(sys.argv[1], *map(pathlib.Path, sys.argv[2:]))
