"""Writes the golden sounds of Tests/PreprocessingTests from `transformers` and scipy.

- waves.tsv: name, a WAV file in hexadecimal, its rate, its samples as float32 in hexadecimal
- resampling.tsv: rate, new rate, and what scipy's resample_poly makes of the noise with the filter that the tests describe, likewise
- rising.s16: half a second of a rising tone and noise, 16 kHz, 16 bits, little end first
- whisper.f32, kaldi.f32: its features by `WhisperFeatureExtractor` and `ASTFeatureExtractor`, [frames, bins], little end first
- wav2vec2.tsv: length, every 37th sample that `Wav2Vec2FeatureExtractor` makes of it with an attention mask, as float32 in hexadecimal

The noise is that of tools/oracles/images.py: each byte b is a sample of (b − 128) ÷ 128.

Usage: python tools/oracles/sounds.py [--output DIR]
Needs: pip install numpy scipy transformers, without torchaudio; made with 2.4.6, 1.17.1, 5.23.0.
"""

import argparse
import pathlib
import struct

import numpy as np
import scipy.signal
from images import noise
from transformers import ASTFeatureExtractor, Wav2Vec2FeatureExtractor, WhisperFeatureExtractor

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "Tests/PreprocessingTests/Golden"
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
GUID = bytes.fromhex("000000001000800000aa00389b71")
REACH, CUTOFF, BETA = 32, 0.93, 9.0


def samples(count):
    return (noise(count, 1, 1).reshape(-1).astype(np.float64) - 128) / 128


def chunk(name, body, size=None):
    if size is not None:
        return name + struct.pack("<I", size) + body
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def wave(encoding, bits, channels, rate, data, before=b"", extensible=False, size=None):
    frame = channels * bits // 8
    header = struct.pack("<HHIIHH", EXTENSIBLE if extensible else encoding, channels, rate, rate * frame, frame, bits)
    if extensible:
        header += struct.pack("<HHIH", 22, bits, 0, encoding) + GUID
    body = b"WAVE" + chunk(b"fmt ", header) + before + chunk(b"data", data, size)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def waves():
    """(name, file, rate, samples)"""
    raw = noise(240, 1, 1).tobytes()
    pcm8 = (np.frombuffer(raw, np.uint8).astype(float) - 128) / 128
    pcm16 = np.frombuffer(raw, "<i2") / 2**15
    triples = np.frombuffer(raw, np.uint8).reshape(-1, 3).astype(np.int64)
    pcm24 = ((triples[:, 0] | triples[:, 1] << 8 | triples[:, 2] << 16) << 40 >> 40) / 2**23
    pcm32 = np.frombuffer(raw, "<i4") / 2**31
    single = samples(60).astype("<f4")
    double = samples(30) * 1.25
    note = chunk(b"LIST", b"odd length....!")
    return [
        ("pcm8", wave(PCM, 8, 1, 8000, raw), 8000, pcm8),
        ("pcm16", wave(PCM, 16, 1, 16000, raw), 16000, pcm16),
        ("pcm16 stereo after a note", wave(PCM, 16, 2, 44100, raw, note), 44100, pcm16.reshape(-1, 2).mean(1)),
        ("pcm24 of three channels", wave(PCM, 24, 3, 48000, raw[:234]), 48000, pcm24[:78].reshape(-1, 3).mean(1)),
        ("pcm24 odd", wave(PCM, 24, 1, 48000, raw[:15]), 48000, pcm24[:5]),
        ("pcm32", wave(PCM, 32, 1, 96000, raw), 96000, pcm32),
        ("float32", wave(FLOAT, 32, 1, 16000, single.tobytes()), 16000, single),
        ("float64 stereo", wave(FLOAT, 64, 2, 22050, double.tobytes()), 22050, double.reshape(-1, 2).mean(1)),
        ("extensible pcm16 of six channels", wave(PCM, 16, 6, 48000, raw, extensible=True), 48000, pcm16.reshape(-1, 6).mean(1)),
        ("extensible float32", wave(FLOAT, 32, 1, 16000, single.tobytes(), extensible=True), 16000, single),
        ("streamed", wave(PCM, 16, 1, 16000, raw[:-1], size=0xFFFFFFFF), 16000, pcm16[:-1]),
    ]


def resampled(rate, new):
    divisor = np.gcd(rate, new)
    up, down = new // divisor, rate // divisor
    coarse = max(up, down)
    window = scipy.signal.firwin(2 * REACH * coarse + 1, CUTOFF / coarse, window=("kaiser", BETA))
    return scipy.signal.resample_poly(samples(600), up, down, window=window)


def rising():
    time = np.arange(8000) / 16000
    tone = 0.5 * np.sin(2 * np.pi * (100 * time + 7000 * time**2)) * (time < 0.4)
    return np.clip((tone + 0.01 * samples(8000)) * 32768, -32768, 32767).round().astype("<i2")


def hexadecimal(values):
    return np.asarray(values, ">f4").tobytes().hex()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, default=GOLDEN)
    output = parser.parse_args().output
    rates = [(8000, 16000), (16000, 8000), (44100, 16000), (48000, 16000), (16000, 44100), (11025, 16000), (16000, 16001)]
    sound = rising()
    signal = (sound / 32768).astype(np.float32)
    whisper = WhisperFeatureExtractor(chunk_length=1)(signal, sampling_rate=16000, return_tensors="np")["input_features"][0].T
    kaldi = ASTFeatureExtractor(max_length=64)(signal, sampling_rate=16000, return_tensors="np")["input_values"][0]
    wav2vec2 = Wav2Vec2FeatureExtractor(return_attention_mask=True)
    normal = [(n, wav2vec2(signal, sampling_rate=16000, padding="max_length", max_length=n, truncation=True)["input_values"][0][::37])
              for n in (3000, 8000, 9000)]
    tables = {
        "waves.tsv": [(name, data.hex(), rate, hexadecimal(values)) for name, data, rate, values in waves()],
        "resampling.tsv": [(rate, new, hexadecimal(resampled(rate, new))) for rate, new in rates],
        "wav2vec2.tsv": [(n, hexadecimal(values)) for n, values in normal],
    }
    for name, rows in tables.items():
        (output / name).write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    (output / "rising.s16").write_bytes(sound.tobytes())
    (output / "whisper.f32").write_bytes(whisper.astype("<f4").tobytes())
    (output / "kaldi.f32").write_bytes(kaldi.astype("<f4").tobytes())
    print(whisper.shape, kaldi.shape)


if __name__ == "__main__":
    main()
