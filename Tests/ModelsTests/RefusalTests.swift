import Foundation
import Models
import TestSupport
import Testing

private let preprocessor = "preprocessor_config.json"

/// What a model would compute otherwise than it should is refused by file, field and value.
@Test(arguments: [
  ("vit", "config.json", "\"hidden_act\": \"gelu\"", "\"hidden_act\": \"silu\"", "field 'hidden_act' is 'silu', expected one of gelu"),
  ("vit", "config.json", "\"model_type\": \"vit\"", "\"model_type\": \"swin\"", "field 'model_type' is 'swin', expected one of bert"),
  ("vit", "config.json", "\"model_type\": \"vit\"", "\"model_tipe\": \"vit\"", "field 'model_type' is missing"),
  ("vit", "config.json", "\"qkv_bias\": true", "\"qkv_bias\": false", "field 'qkv_bias' is false"),
  ("vit", "config.json", "\"num_channels\": 3", "\"num_channels\": 1", "field 'num_channels' is 1"),
  ("vit", "config.json", "\"patch_size\": 4", "\"patch_size\": 17", "field 'patch_size' is 17"),
  ("vit", "config.json", "\"patch_size\": 4", "\"patch_size\": 8", "patch_embeddings.projection.weight', field 'shape'"),
  ("vit", "config.json", "\"image_size\": 16", "\"image_size\": [16, 8]", "'image_size' is a list of 2, expected one number"),
  ("vit", "config.json", "\"image_size\": 16", "\"image_size\": 20", "field 'size' is an object of 2, expected 20"),
  ("vit", "config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "'encoder.layer.1."),
  ("vit", preprocessor, "\"resample\": 2", "\"resample\": 1", "field 'resample' is 1, expected 2 (bilinear) or 3 (bicubic)"),
  ("vit", preprocessor, "\"do_rescale\": true", "\"do_rescale\": false", "field 'do_rescale' is false"),
  ("vit", preprocessor, "0.00392156862745098", "0.0078", "field 'rescale_factor' is 0.0078"),
  ("vit", preprocessor, "[0.5, 0.5, 0.5]", "[0.5, 0.5]", "field 'image_mean' is a list of 2"),
  ("vit", preprocessor, "[0.5, 0.25, 0.5]", "[0.5, 0, 0.5]", "field 'image_std' is 0"),
  ("deit-logits", preprocessor, "\"size\": 18", "\"size\": 15", "field 'size' is 15, expected a square that is not below"),
  ("clip", preprocessor, "\"do_center_crop\": true", "\"do_center_crop\": false", "field 'do_center_crop' is false, expected true"),
  ("clip", preprocessor, "\"shortest_edge\": 16", "\"shortest_edge\": 12", "field 'size.shortest_edge' is 12"),
  ("vit-logits", "config.json", "\"2\": \"owl\"", "\"3\": \"owl\"", "field 'id2label.2' is missing"),
  ("vit-logits", "config.json", "\"2\": \"owl\"", "\"2\": \"owl\", \"3\": \"ox\"", "field 'id2label' is an object of 4"),
  ("clip", "config.json", "\"hidden_act\": \"quick_gelu\"", "\"hidden_act\": \"swish\"", "field 'text_config.hidden_act' is 'swish'"),
  ("clip-text", "config.json", "\"vocab_size\": 12", "\"vocab_size\": 11", "the model knows 11 tokens"),
  ("clip-text", "tokenizer.json", "\"type\": \"BPE\"", "\"type\": \"Unigram\"", "field 'model.type' is 'Unigram'"),
  ("clip-text", "tokenizer.json", "\"end_of_word_suffix\": \"</w>\"", "\"end_of_word_suffix\": \"\"", "'model.end_of_word_suffix'"),
  ("clip-text", "tokenizer.json", "\"end_of_word_suffix\": \"</w>\",", "", "'model.end_of_word_suffix' is missing"),
  ("clip-text", "tokenizer.json", "\"<|endoftext|>\": 11", "\"<|end|>\": 11", "token '<|endoftext|>' is missing"),
  ("clip-text", "tokenizer.json", "\"at</w>\"\n", "\"a t</w>\"\n", "token 'c a t</w>' is no merge"),
  ("wav2vec2", "config.json", "\"feat_extract_norm\": \"group\"", "\"feat_extract_norm\": \"batch\"", "'feat_extract_norm' is 'batch'"),
  ("wav2vec2", "config.json", "\"add_adapter\": false", "\"add_adapter\": true", "field 'add_adapter' is true"),
  ("wav2vec2", "config.json", "\"hidden_act\": \"gelu\"", "\"hidden_act\": \"relu\"", "field 'hidden_act' is 'relu', expected 'gelu'"),
  ("wav2vec2", "config.json", "\"num_conv_pos_embedding_groups\": 2", "\"num_conv_pos_embedding_groups\": 3", "embedding_groups' is 3"),
  ("wav2vec2", "config.json", "\"conv_stride\": [\n    5,", "\"conv_stride\": [", "field 'conv_stride' is a list of 2, expected as many"),
  ("wav2vec2", preprocessor, "\"feature_size\": 1", "\"feature_size\": 80", "field 'feature_size' is 80"),
  ("wav2vec2", preprocessor, "16000", "999", "field 'sampling_rate' is 999, expected an integer in 1000...384000"),
  ("mobilenet", "config.json", "\"output_stride\": 32", "\"output_stride\": 16", "field 'output_stride' is 16"),
  ("mobilenet", "config.json", "\"hidden_act\": \"relu6\"", "\"hidden_act\": \"relu\"", "field 'hidden_act' is 'relu'"),
  ("resnet", "config.json", "\"hidden_act\": \"relu\"", "\"hidden_act\": \"gelu\"", "field 'hidden_act' is 'gelu'"),
  ("timm-vit", "config.json", "vit_tiny_patch16_224", "convnext_tiny", "field 'architecture' is 'convnext_tiny', expected vit_*"),
  ("timm-vit", "config.json", "\"num_heads\": 2", "\"num_heads\": 3", "field 'model_args.num_heads' is 3"),
  ("timm-vit", "config.json", "\"crop_mode\": \"center\"", "\"crop_mode\": \"squash\"", "field 'pretrained_cfg.crop_mode' is 'squash'"),
  ("timm-vit", "config.json", "\"bicubic\"", "\"random\"", "field 'pretrained_cfg.interpolation' is 'random'"),
  ("timm-resnet", "config.json", "\"resnet18\"", "\"resnetv2_50\"", "field 'architecture' is 'resnetv2_50'"),
])
func otherModelsAreRefusedByField(name: String, file: String, old: String, new: String, message: String) throws {
  let golden = try GoldenModel(name)
  try golden.directory.edit(file, old, new)
  #expect {
    try golden.load()
  } throws: {
    $0 is ImportError && "\($0)".contains(message)
  }
}

@Test(arguments: [("vit", preprocessor), ("wav2vec2", preprocessor), ("resnet", "config.json"), ("timm-resnet", "model.safetensors")])
func aMissingFileIsNamed(name: String, file: String) throws {
  let golden = try GoldenModel(name)
  try golden.directory.remove(file)
  #expect {
    try golden.load()
  } throws: {
    "\($0)".contains(file + " cannot be read")
  }
}

@Test func aWindowOfSoundShorterThanTheConvolutionsIsRefused() throws {
  let golden = try GoldenModel("wav2vec2")
  #expect {
    try golden.load(samples: 12)
  } throws: {
    $0 is ImportError && "\($0)".contains("'window' is out of range")
  }
}

@Test func clipWithoutTokenizerIsRefused() throws {
  let golden = try GoldenModel("clip")
  try golden.directory.remove("tokenizer.json")
  try golden.directory.remove("vocab.json")
  #expect(throws: ImportError.missingFile(directory: golden.directory.path, names: ["tokenizer.json", "vocab.json"])) { try golden.load() }
}

@Test(arguments: [0, -5, 1 << 30]) func impossibleWindowsAreRefused(samples: Int) throws {
  #expect(throws: ImportError.self) { try GoldenModel("wav2vec2").load(samples: samples) }
}

@Test(arguments: [1, 13]) func textsBeyondThePositionsAreRefused(maximum: Int) throws {
  #expect(throws: ImportError.self) { try GoldenModel("clip").load(maximumTokens: maximum) }
}

/// Every tensor of every kind of checkpoint is needed, and no other is let pass.
@Test(arguments: ["vit-logits", "clip", "wav2vec2-logits", "mobilenet", "resnet", "timm-resnet"])
func tensorsThatAreMissingOrUnknownAreNamed(name: String) throws {
  let golden = try GoldenModel(name)
  let changes = [
    "vit-logits": "classifier.bias", "clip": "vision_model.pre_layrnorm.bias", "wav2vec2-logits": "projector.bias",
    "mobilenet": "conv_1x1.normalization.bias", "resnet": "embedder.embedder.normalization.running_mean", "timm-resnet": "bn1.running_var",
  ]
  let old = try #require(changes[name])
  try golden.directory.renameTensors([("\"\(old)\"", "\"\(old.dropLast())x\"")])
  #expect {
    try golden.load()
  } throws: {
    "\($0)".contains("'\(old)' is missing")
  }
}
