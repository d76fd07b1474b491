"""Tiny random MobileNetV2 and ResNet in the files of Hugging Face and timm, and their logits: writes Tests/ModelsTests/Golden/…"""

import tiny_model as tiny

tiny.mend_torchvision()

import timm.models.efficientnet  # noqa: E402
import timm.models.resnet  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402

LABELS = {"id2label": dict(enumerate(tiny.LABELS)), "label2id": {name: index for index, name in enumerate(tiny.LABELS)}}


def preprocessing(folder, **fields):
    tiny.write_json(folder, "preprocessor_config.json", {
        "do_normalize": True, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225], "resample": 2, **fields})


def mobilenet():
    sizes = {"depth_multiplier": 0.1, "image_size": 40, "finegrained_output": False}
    model = tiny.randomize(transformers.MobileNetV2ForImageClassification(transformers.MobileNetV2Config(**sizes, **LABELS)), 1)
    folder = tiny.save(model, "mobilenet-logits", half=True)
    preprocessing(folder, size={"shortest_edge": 48}, crop_size={"height": 40, "width": 40}, do_center_crop=True)
    tiny.write_expected(folder, {"logits": model(tiny.pixels(40)).logits})
    configuration = transformers.MobileNetV2Config(**sizes, tf_padding=False, first_layer_is_expansion=False)
    model = tiny.randomize(transformers.MobileNetV2Model(configuration), 2)
    folder = tiny.save(model, "mobilenet", half=True)
    preprocessing(folder, size={"height": 40, "width": 40})
    tiny.write_expected(folder, {"embedding": tiny.unit(model(tiny.pixels(40)).pooler_output)})


def timm_mobilenet():
    made = timm.models.efficientnet._gen_mobilenet_v2("mobilenetv2_100", channel_multiplier=0.05, num_classes=3)
    made.conv_head, made.bn2, made.classifier = shortened(made)
    model = tiny.randomize(made, 3)
    folder = tiny.save_timm(model, "timm-mobilenet", 40)
    tiny.write_expected(folder, {"logits": model(tiny.pixels(40))})


def shortened(model, width=24):
    """The last layers with fewer channels than the usual 1280."""
    return (
        torch.nn.Conv2d(model.conv_head.in_channels, width, 1, bias=False),
        timm.layers.BatchNormAct2d(width, act_layer=torch.nn.ReLU6), torch.nn.Linear(width, 3))


def resnet():
    for name, kind, widths in [("resnet-logits", "basic", [8, 16]), ("resnet-bottleneck-logits", "bottleneck", [32, 64])]:
        configuration = transformers.ResNetConfig(embedding_size=8, hidden_sizes=widths, depths=[2, 1], layer_type=kind, **LABELS)
        model = tiny.randomize(transformers.ResNetForImageClassification(configuration), 4)
        folder = tiny.save(model, name, half=True)
        preprocessing(folder, size=33, crop_pct=0.875, resample=3)
        tiny.write_expected(folder, {"logits": model(tiny.pixels(33)).logits})
    model = tiny.randomize(transformers.ResNetModel(transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic", downsample_in_first_stage=True)), 5)
    folder = tiny.save(model, "resnet", half=True)
    preprocessing(folder, size={"height": 32, "width": 32})
    tiny.write_expected(folder, {"embedding": tiny.unit(model(tiny.pixels(32)).pooler_output.flatten(1))})


def timm_resnet():
    for name, block, architecture in [
            ("timm-resnet", timm.models.resnet.BasicBlock, "resnet18"),
            ("timm-resnet-bottleneck", timm.models.resnet.Bottleneck, "resnet50")]:
        model = timm.models.resnet.ResNet(block, [2, 1, 1, 1], channels=(8, 16, 16, 16), num_classes=3)
        model.pretrained_cfg = timm.get_pretrained_cfg(architecture).to_dict()
        model = tiny.randomize(model, 6)
        folder = tiny.save_timm(model, name, 40)
        tiny.write_expected(folder, {"logits": model(tiny.pixels(40))})


if __name__ == "__main__":
    mobilenet()
    timm_mobilenet()
    resnet()
    timm_resnet()
