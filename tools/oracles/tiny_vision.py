"""Tiny random ViT, DeiT, SigLIP and CLIP in the files of Hugging Face and timm, and what they compute: writes Tests/ModelsTests/Golden/…"""

import torch

import tiny_model as tiny

tiny.mend_torchvision()

import timm  # noqa: E402
import transformers  # noqa: E402

SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
VISION = {**SIZES, "image_size": 16, "patch_size": 4}
LABELS = {"id2label": dict(enumerate(tiny.LABELS)), "label2id": {name: index for index, name in enumerate(tiny.LABELS)}}
MARKS = ["<|startoftext|>", "<|endoftext|>"]
PIECES = ["a", "c", "t", "é", "a</w>", "c</w>", "t</w>", "at</w>", "cat</w>", "Ġ"]
MERGES = ["a t</w>", "c at</w>"]


def preprocessing(folder, **fields):
    tiny.write_json(folder, "preprocessor_config.json", {
        "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.25, 0.5],
        "rescale_factor": 0.00392156862745098, "resample": 2, "size": {"height": 16, "width": 16}, **fields})


def vit():
    model = tiny.randomize(transformers.ViTForImageClassification(transformers.ViTConfig(**VISION, **LABELS)), 1)
    folder = tiny.save(model, "vit-logits")
    preprocessing(folder)
    tiny.write_expected(folder, {"logits": model(tiny.pixels(16)).logits})
    model = tiny.randomize(transformers.ViTModel(transformers.ViTConfig(**VISION)), 2)
    folder = tiny.save(model, "vit")
    preprocessing(folder)
    tiny.write_expected(folder, {"embedding": tiny.unit(model(tiny.pixels(16)).last_hidden_state[:, 0])})


def deit():
    configuration = transformers.DeiTConfig(**VISION, **LABELS)
    for name, kind in [
            ("deit-logits", transformers.DeiTForImageClassification), ("deit-teacher", transformers.DeiTForImageClassificationWithTeacher)]:
        model = tiny.randomize(kind(configuration), 3)
        folder = tiny.save(model, name)
        preprocessing(folder, resample=3, size=18, crop_size=16, do_center_crop=True)
        tiny.write_expected(folder, {"logits": model(tiny.pixels(16)).logits})


def siglip():
    configuration = transformers.SiglipVisionConfig(**VISION, hidden_act="gelu", vision_use_head=False)
    model = tiny.randomize(transformers.SiglipVisionModel(configuration), 6)
    folder = tiny.save(model, "siglip")
    preprocessing(folder)
    tiny.write_expected(folder, {"embedding": tiny.unit(model(tiny.pixels(16)).last_hidden_state.mean(1))})


def timm_vit():
    arguments = {"embed_dim": 16, "depth": 2, "num_heads": 2, "img_size": 16, "patch_size": 4}
    for name, architecture in [("timm-vit", "vit_tiny_patch16_224"), ("timm-deit", "deit_tiny_distilled_patch16_224")]:
        model = tiny.randomize(timm.create_model(architecture, num_classes=3, **arguments), 4)
        folder = tiny.save_timm(model, name, 16, **arguments)
        tiny.write_expected(folder, {"logits": model(tiny.pixels(16))})


def tokenizer(folder):
    vocabulary = {token: number for number, token in enumerate(PIECES + MARKS)}
    transformers.CLIPTokenizer(vocab=vocabulary, merges=[tuple(merge.split(" ")) for merge in MERGES]).save_pretrained(folder)
    (folder / "tokenizer_config.json").unlink()
    tiny.write_json(folder, "vocab.json", vocabulary)
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *MERGES]) + "\n", encoding="utf-8")


def clip():
    count = len(PIECES + MARKS)
    text = {**SIZES, "vocab_size": count, "max_position_embeddings": 12, "bos_token_id": count - 2, "eos_token_id": count - 1}
    configuration = transformers.CLIPConfig(text_config=text, vision_config={**VISION, "hidden_act": "gelu"}, projection_dim=8)
    tokens = [count - 2, 8, 3, 0, 4, count - 1]
    for name, model in [
            ("clip", transformers.CLIPModel(configuration)),
            ("clip-image", transformers.CLIPVisionModelWithProjection(transformers.CLIPVisionConfig(**VISION, projection_dim=8))),
            ("clip-image-plain", transformers.CLIPVisionModel(transformers.CLIPVisionConfig(**VISION))),
            ("clip-text", transformers.CLIPTextModelWithProjection(transformers.CLIPTextConfig(**text, projection_dim=8)))]:
        model = tiny.randomize(model, 5)
        folder = tiny.save(model, name)
        if name != "clip-text":
            preprocessing(folder, resample=3, size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}, do_center_crop=True)
        if "image" not in name:
            tokenizer(folder)
        given = torch.tensor([tokens])
        if name == "clip":
            found = model(input_ids=given, pixel_values=tiny.pixels(16))
            outputs = {"image-embedding": found.image_embeds, "text-embedding": found.text_embeds}
        elif name == "clip-image":
            outputs = {"embedding": tiny.unit(model(tiny.pixels(16)).image_embeds)}
        elif name == "clip-image-plain":
            outputs = {"embedding": tiny.unit(model(tiny.pixels(16)).pooler_output)}
        else:
            outputs = {"embedding": tiny.unit(model(given).text_embeds)}
        tiny.write_expected(folder, outputs, **({} if "image" in name else {"tokens": tokens}))


if __name__ == "__main__":
    vit()
    deit()
    siglip()
    timm_vit()
    clip()
