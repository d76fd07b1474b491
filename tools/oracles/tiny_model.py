"""What the oracles of tiny models share: random weights, inputs by formula, and the folders under Tests/ModelsTests/Golden."""

import json
import math
import pathlib
import sys

import safetensors.torch
import torch

GOLDEN = pathlib.Path(__file__).parents[2] / "Tests" / "ModelsTests" / "Golden"
LABELS = ["cat", "dog", "owl"]


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


def randomize(model, seed):
    """Weights that keep activations near 1, and norms whose statistics are far from 0 and 1."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, value in [*model.named_parameters(), *model.named_buffers()]:
            if name.endswith("running_var"):
                value.uniform_(0.4, 1.6)
            elif name.endswith("running_mean") or name.endswith("bias"):
                value.copy_(torch.randn_like(value) * 0.2)
            elif value.dim() == 1 and name.endswith("weight"):
                value.uniform_(0.6, 1.4)
            elif value.is_floating_point() and value.dim() > 1:
                fan = value[0].numel() if value.shape[0] > 1 else 4
                value.copy_(torch.randn_like(value) * 1.2 / math.sqrt(fan))
            elif value.is_floating_point():
                value.copy_(torch.randn_like(value) * 0.5)
    return model.eval()


def numbers(*shape):
    """Numbers in [-1, 1] that the tests make by the same formula, row-major."""
    count = math.prod(shape)
    values = [(i * i * 31 + i * 7919) % 2003 / 1001.5 - 1 for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).float().reshape(shape)


def pixels(size):
    """An image [1, 3, size, size] whose numbers run channels last."""
    return numbers(1, size, size, 3).permute(0, 3, 1, 2).contiguous()


def unit(rows):
    return torch.nn.functional.normalize(rows, dim=-1)


def write_json(folder, name, value):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(value) + "\n", encoding="utf-8")


def write_expected(folder, outputs, **inputs):
    """The outputs, with 9 significant digits, and the inputs that are not made by formula."""
    flat = {name: [float(f"{x:.9g}") for x in value.detach().flatten().tolist()] for name, value in outputs.items()}
    write_json(folder, "expected.json", {**inputs, "outputs": flat})


def save(model, name, half=False):
    """A transformers model's config.json and model.safetensors; in half precision, which then rounds the model's weights too."""
    folder = GOLDEN / name
    folder.mkdir(parents=True, exist_ok=True)
    (model.half() if half else model).save_pretrained(folder)
    model.float()
    return folder


def save_timm(model, name, size, **arguments):
    """A timm model's files in half precision, as its hub holds them, for images of that size."""
    import timm.models
    folder = GOLDEN / name
    cropped = {"input_size": (3, size, size), "test_input_size": None}
    timm.models.save_for_hf(model.half(), folder, model_args=arguments, model_config={"pretrained_cfg": cropped}, safe_serialization=True)
    model.float()
    return folder


def rename(folder, old, new):
    """Renames the tensors whose names hold `old`."""
    path = folder / "model.safetensors"
    tensors = safetensors.torch.load_file(path)
    safetensors.torch.save_file({name.replace(old, new): value for name, value in tensors.items()}, path, metadata={"format": "pt"})
