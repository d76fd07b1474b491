"""Tiny random Wav2Vec2 models of all kinds of norms in Hugging Face's files, and what they compute: writes Tests/ModelsTests/Golden/…"""

import tiny_model as tiny

tiny.mend_torchvision()

import transformers  # noqa: E402

SIZES = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24, "conv_dim": [8, 8, 12],
    "conv_kernel": [10, 3, 2], "conv_stride": [5, 2, 2], "num_feat_extract_layers": 3, "num_conv_pos_embedding_groups": 2,
    "classifier_proj_size": 8, "vocab_size": 5,
}
SAMPLES = 400


def write(name, kind, seed, outputs, **fields):
    model = tiny.randomize(kind(transformers.Wav2Vec2Config(**{**SIZES, **fields})), seed)
    folder = tiny.save(model, name, half=True)
    tiny.write_json(folder, "preprocessor_config.json", {
        "do_normalize": "logits" in name, "feature_size": 1, "padding_side": "right", "padding_value": 0.0, "sampling_rate": 16000})
    tiny.write_expected(folder, outputs(model(tiny.numbers(1, SAMPLES))))
    return folder


def main():
    labels = {"id2label": dict(enumerate(tiny.LABELS)), "label2id": {name: index for index, name in enumerate(tiny.LABELS)}}
    write(
        "wav2vec2", transformers.Wav2Vec2Model, 1, lambda found: {"embedding": tiny.unit(found.last_hidden_state.mean(1))},
        feat_extract_norm="group", do_stable_layer_norm=False, num_conv_pos_embeddings=8)
    folder = write(
        "wav2vec2-logits", transformers.Wav2Vec2ForSequenceClassification, 2, lambda found: {"logits": found.logits},
        feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True, num_conv_pos_embeddings=7, **labels)
    tiny.rename(folder, "parametrizations.weight.original0", "weight_g")
    tiny.rename(folder, "parametrizations.weight.original1", "weight_v")
    write(
        "wav2vec2-stable", transformers.Wav2Vec2Model, 3, lambda found: {"embedding": tiny.unit(found.last_hidden_state.mean(1))},
        feat_extract_norm="group", do_stable_layer_norm=True, num_conv_pos_embeddings=8)
    folder = write(
        "wav2vec2-characters", transformers.Wav2Vec2ForCTC, 4, lambda found: {"logits": found.logits},
        feat_extract_norm="layer", do_stable_layer_norm=False, num_conv_pos_embeddings=8)
    tiny.write_json(folder, "vocab.json", {"<pad>": 0, "|": 1, "E": 2, "T": 3, "<s>": 4})


if __name__ == "__main__":
    main()
