"""Golden results of single operations from torch: writes Tests/AutogradTests/Golden/operations.json.

Each case has the operation's inputs and parameters as [rows, columns, values] and the expected output.
"""

import json
import pathlib

import torch

FOLDER = pathlib.Path(__file__).parents[2] / "Tests" / "AutogradTests" / "Golden"


def pack(matrix):
    matrix = matrix.reshape(-1, matrix.shape[-1])
    return {"rows": matrix.shape[0], "columns": matrix.shape[1], "values": [float(f"{x:.9g}") for x in matrix.flatten().tolist()]}


def case(inputs, parameters, output):
    return {"inputs": [pack(x) for x in inputs], "parameters": [pack(x) for x in parameters], "output": pack(output)}


def attention(query, key, value, heads):
    split = [x.view(len(x), heads, -1).transpose(0, 1) for x in (query, key, value)]
    return torch.nn.functional.scaled_dot_product_attention(*split).transpose(0, 1).reshape(query.shape)


def cases():
    torch.manual_seed(7)
    random = lambda *sizes: torch.randn(*sizes)
    functional = torch.nn.functional
    x, y, wide = random(5, 12), random(5, 12), 4 * random(5, 12)
    weight, bias, gain, shift = random(7, 12), random(7), random(12), random(12)
    extremes = torch.tensor([[-40.0, -6.0, -3.0, -1e-3, 0.0, 1e-3, 3.0, 40.0]])
    q, k, v = wide, 2 * random(5, 12), random(5, 12)
    return {
        "linear": case([x], [weight, bias], functional.linear(x, weight, bias)),
        "linear-without-bias": case([x], [weight], functional.linear(x, weight)),
        "gelu": case([wide], [], functional.gelu(wide)),
        "gelu-extremes": case([extremes], [], functional.gelu(extremes)),
        "add": case([x, y], [], x + y),
        "layer-norm": case([wide + 3], [gain, shift], functional.layer_norm(wide + 3, (12,), gain, shift, 1e-5)),
        "layer-norm-constant": case([torch.ones(2, 12)], [gain, shift], functional.layer_norm(torch.ones(2, 12), (12,), gain, shift, 1e-5)),
        "attention": case([q, k, v], [], attention(q, k, v, 3)),
        "attention-one-row": case([q[:1], k[:1], v[:1]], [], attention(q[:1], k[:1], v[:1], 3)),
        "mean-pool": case([x], [], x.mean(0, keepdim=True)),
        "l2-normalize": case([x], [], functional.normalize(x.mean(0, keepdim=True), dim=-1)),
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "operations.json").write_text(json.dumps(cases()) + "\n")
