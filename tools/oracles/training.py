"""What PyTorch computes when it trains: gradients of tiny models, losses, and steps of optimisers.

Writes Tests/TrainingTests/Golden: `<model>.safetensors` with a batch's inputs, the parameters before (`value.…`), the outputs and all
gradients (`gradient.…`), named and laid out as the parameters of a graph; `steps.json`; and Tests/AutogradTests/Golden/losses.json.
"""

import json
import math

import safetensors.torch
import torch
import torch.nn.functional as functional

import tiny_model as tiny

tiny.mend_torchvision()

import timm.optim  # noqa: E402
import transformers  # noqa: E402

FOLDER = tiny.GOLDEN.parents[1] / "TrainingTests" / "Golden"
AUTOGRAD = tiny.GOLDEN.parents[1] / "AutogradTests" / "Golden"


def laid_out(name, value):
    """Kernels as in graphs: [outputs, height, width, inputs]."""
    if value.dim() == 4:
        return value.permute(0, 2, 3, 1).contiguous()
    if value.dim() == 3 and "position_embeddings" not in name:
        return value.permute(0, 2, 1).unsqueeze(1).contiguous()
    return value.reshape(value.shape[-2:]) if value.dim() == 3 else value.contiguous()


def write(name, parameters, output, **more):
    """The gradient is that of Σ output · numbers."""
    (output * tiny.numbers(*output.shape)).sum().backward()
    tensors = {"output": output.detach().contiguous(), **more}
    for key, value in parameters.items():
        if value.requires_grad:
            if value.grad is None:
                continue
            tensors["gradient." + key] = laid_out(key, value.grad)
        tensors["value." + key] = laid_out(key, value.detach())
    FOLDER.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file({key: value.float() for key, value in tensors.items()}, FOLDER / f"{name}.safetensors")


def tiny_bert():
    configuration = transformers.BertConfig(
        vocab_size=19, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, max_position_embeddings=8,
        hidden_dropout_prob=0, attention_probs_dropout_prob=0)
    model = tiny.randomize(transformers.BertModel(configuration, add_pooling_layer=False), 21)
    model.embeddings.word_embeddings.padding_idx = None  # else its row gets no gradient, even where the token stands in a text
    with torch.no_grad():
        model.embeddings.token_type_embeddings.weight.zero_()
    model.embeddings.token_type_embeddings.weight.requires_grad = False
    return model


LENGTHS = [5, 2, 7]


def bert_batch():
    ids = torch.zeros(3, 7, dtype=torch.long)
    mask = torch.zeros(3, 7)
    for row, length in enumerate(LENGTHS):
        ids[row, :length] = torch.tensor([(7 * row + 5 * place) % 19 for place in range(length)])
        mask[row, :length] = 1
    return ids, mask


def bert_embedding(model):
    ids, mask = bert_batch()
    rows = model(input_ids=ids, attention_mask=mask).last_hidden_state
    return tiny.unit((rows * mask[..., None]).sum(1) / mask.sum(1, keepdim=True))


def bert():
    model = tiny_bert()
    parameters = {name: value for name, value in model.named_parameters() if "token_type" not in name}
    write("bert", parameters, bert_embedding(model))


def vit():
    configuration = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, image_size=16, patch_size=8,
        hidden_dropout_prob=0, attention_probs_dropout_prob=0)
    model = tiny.randomize(transformers.ViTModel(configuration, add_pooling_layer=False), 22)
    pixels = tiny.numbers(3, 16, 16, 3).permute(0, 3, 1, 2).contiguous()
    # The graph's table of positions has the class token's row in it.
    with torch.no_grad():
        model.embeddings.position_embeddings[0, 0] += model.embeddings.cls_token[0, 0]
        model.embeddings.cls_token.zero_()
    model.embeddings.cls_token.requires_grad = False
    # Named as in checkpoints.
    names = (
        ("layers.", "encoder.layer."), (".attention.o_proj", ".attention.output.dense"),
        (".attention.q_proj", ".attention.attention.query"), (".attention.k_proj", ".attention.attention.key"),
        (".attention.v_proj", ".attention.attention.value"), (".mlp.fc1", ".intermediate.dense"), (".mlp.fc2", ".output.dense"))
    parameters = {}
    for name, value in model.named_parameters():
        for new, old in names:
            name = name.replace(new, old)
        if "cls_token" not in name:
            parameters[name] = value
    write("vit", parameters, tiny.unit(model(pixels).last_hidden_state[:, 0]))


def short_mobilenet():
    """The first six blocks, which have every kind of convolution, and a last convolution to 16 channels."""
    configuration = transformers.MobileNetV2Config(depth_multiplier=0.1, image_size=40, finegrained_output=False, tf_padding=False)
    model = transformers.MobileNetV2Model(configuration)
    model.layer = model.layer[:5]
    kind = type(model.conv_1x1)
    model.conv_1x1 = kind(configuration, in_channels=8, out_channels=16, kernel_size=1)
    return tiny.randomize(model, 23)


def graph_name(name):
    """A batch norm's shift is the bias of its convolution; its gain and running averages stand beside the weight."""
    stem, kind = name.rsplit(".", 1)
    if not stem.endswith(".normalization"):
        return name
    convolution = stem.removesuffix(".normalization") + ".convolution"
    return f"{convolution}.bias" if kind == "bias" else f"{convolution}.weight.norm.{kind.replace('weight', 'gain')}"


def mobilenet():
    model = short_mobilenet()
    pixels = tiny.numbers(3, 40, 40, 3).permute(0, 3, 1, 2).contiguous()
    buffers = {graph_name(name): value.clone() for name, value in model.named_buffers() if "running" in name}
    output = tiny.unit(model.train()(pixels).pooler_output)
    with torch.no_grad():
        later = tiny.unit(model.eval()(pixels).pooler_output)
    write("mobilenet", {graph_name(name): value for name, value in model.named_parameters()} | buffers, output, later=later)


def wav2vec2():
    configuration = transformers.Wav2Vec2Config(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, conv_dim=[8, 8], conv_kernel=[10, 3],
        conv_stride=[5, 2], num_feat_extract_layers=2, num_conv_pos_embedding_groups=2, num_conv_pos_embeddings=8,
        feat_extract_norm="group", do_stable_layer_norm=False, hidden_dropout=0, attention_dropout=0, activation_dropout=0,
        feat_proj_dropout=0, layerdrop=0)
    model = tiny.randomize(transformers.Wav2Vec2Model(configuration), 24)
    convolution = model.encoder.pos_conv_embed.conv
    torch.nn.utils.parametrize.remove_parametrizations(convolution, "weight")
    output = tiny.unit(model(tiny.numbers(2, 200)).last_hidden_state.mean(1))
    write("wav2vec2", dict(model.named_parameters()), output)


def steps():
    """Losses before each of ten steps on the tiny BERT: 1 − cosine to a target, weight decay on matrices only."""
    target = tiny.numbers(3, 16)
    found = {}
    for name, make in (
        ("adamw", lambda groups: torch.optim.AdamW(groups, lr=3e-3)),
        ("lamb", lambda groups: timm.optim.Lamb(groups, lr=3e-3, eps=1e-8, max_grad_norm=None)),
    ):
        model = tiny_bert()
        parameters = [value for value in model.parameters() if value.requires_grad]
        groups = [{"params": [p for p in parameters if p.dim() > 1], "weight_decay": 0.05},
                  {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0}]
        optimizer = make(groups)
        found[name] = []
        for step in range(10):
            optimizer.zero_grad()
            loss = (1 - functional.cosine_similarity(bert_embedding(model), target)).mean()
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(parameters, 0.5)
            for group in optimizer.param_groups:
                group["lr"] = 3e-3 * (step + 1) / 4 if step < 4 else 3e-3 * 0.5 * (1 + math.cos(math.pi * (step - 4) / 6))
            optimizer.step()
            found[name].append([loss.item(), norm.item()])
    tiny.write_json(FOLDER, "steps.json", found)


def siglip(a, b, scale, bias):
    signs = 2 * torch.eye(len(a)) - 1
    return -functional.logsigmoid(signs * (scale.exp() * a @ b.T + bias)).sum() / len(a)


def clip(a, b, scale):
    logits = scale.exp().clamp(max=100) * a @ b.T
    targets = torch.arange(len(a))
    return (functional.cross_entropy(logits, targets) + functional.cross_entropy(logits.T, targets)) / 2


def masked_patches(x, target):
    target = (target - target.mean(-1, keepdim=True)) / (target.var(-1, keepdim=True) + 1e-6) ** 0.5
    removed = torch.tensor([1.0, 0, 1, 1])
    return (((x - target) ** 2).mean(-1) * removed).sum() / removed.sum()


def affinity(a, b, teacher_a, teacher_b):
    own, target = 7 * a @ b.T, 7 * teacher_a @ teacher_b.T
    return sum(functional.kl_div(x.log_softmax(-1), y.log_softmax(-1), reduction="batchmean", log_target=True)
               for x, y in ((own, target), (own.T, target.T))) / 2


def relations(x):
    """Two examples, of 4 and 3 rows, in two heads; the teacher's rows have 4 numbers."""
    teacher = 2 * tiny.numbers(7, 4)
    return sum(
        functional.kl_div(*((y @ y.transpose(-1, -2) / y.shape[-1] ** 0.5).log_softmax(-1) for y in (
            rows.unflatten(-1, (2, -1)).transpose(0, 1) for rows in (x[part], teacher[part]))), reduction="sum", log_target=True)
        for part in (slice(0, 4), slice(4, 7))) / (2 * 7)


def layer_prediction(x, y):
    return functional.l1_loss(x, y) - functional.logsigmoid(functional.cosine_similarity(x, y)).mean()


def code_bits(x):
    step = (x.amax(-1, keepdim=True).clamp(min=0) - x.amin(-1, keepdim=True).clamp(max=0)) / 255
    return torch.log2(1 + x.abs() / step).mean()


def losses():
    x, y = 3 * tiny.numbers(4, 6), tiny.numbers(8, 6)[4:] + 0.1
    targets, words = torch.tensor([2, -100, 5, 0]), torch.tensor([8, 3, -100, 0])
    a, b = tiny.unit(x), tiny.unit(y)
    cases = {
        "cross-entropy": (lambda x: functional.cross_entropy(x, targets), [x]),
        "cross-entropy-smooth": (lambda x: functional.cross_entropy(x, targets, label_smoothing=0.1), [x]),
        "vocabulary": (lambda x, w, c: functional.cross_entropy(x @ w.T + c, words), [x, tiny.numbers(9, 6), tiny.numbers(9)]),
        "contrastive": (clip, [a, b, torch.tensor(1.2)]),
        "contrastive-clamped": (clip, [a, b, torch.tensor(5.0)]),
        "sigmoid": (siglip, [a, b, torch.tensor(1.2), torch.tensor(-2.0)]),
        "affinity": (lambda a, b: affinity(a, b, tiny.unit(tiny.numbers(12, 3)[8:]), tiny.unit(tiny.numbers(16, 3)[12:])), [a, b]),
        "masked-patches": (lambda x: masked_patches(x, y), [x]),
        "mean-squared-error": (lambda x: functional.mse_loss(x, y), [x]),
        "code-bits": (code_bits, [y]),
        "relations": (relations, [2 * tiny.numbers(7, 6)]),
        "layer-prediction": (lambda x: layer_prediction(x, y), [x]),
        "cosine": (lambda x: (1 - functional.cosine_similarity(x, y)).mean(), [x]),
        "kullback-leibler": (
            lambda x: 4 * functional.kl_div((x / 2).log_softmax(-1), (y / 2).log_softmax(-1), reduction="batchmean", log_target=True),
            [x]),
    }
    found = {}
    for name, (loss, inputs) in cases.items():
        own = [value.clone().detach().requires_grad_() for value in inputs]
        value = loss(*own)
        value.backward()
        flat = lambda tensor: [float(f"{x:.9g}") for x in tensor.flatten().tolist()]  # noqa: E731
        found[name] = {"loss": value.item(), "inputs": [flat(x.detach()) for x in own], "gradients": [flat(x.grad) for x in own]}
    found["targets"] = {"loss": 0, "inputs": [[float(f"{x:.9g}") for x in y.flatten().tolist()]], "gradients": []}
    tiny.write_json(AUTOGRAD, "losses.json", found)


if __name__ == "__main__":
    for part in (bert, vit, mobilenet, wav2vec2, steps, losses):
        part()
