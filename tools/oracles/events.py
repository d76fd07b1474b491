"""Files of events and TensorBoard's own code, in both directions.

    python tools/oracles/events.py --write     writes Tests/TrainingTests/Golden/events.bin with TensorBoard's messages and writer
    python tools/oracles/events.py DIRECTORY   reads a directory of events as TensorBoard does, and prints what it would show

Needs: pip install tensorboard; made with tensorboard 2.21.
"""

import argparse
import pathlib

import numpy as np
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "Tests/TrainingTests/Golden/events.bin"
NUMBERS = [0, 0.5, 3.25, 30, 15.5, 15.75, 2]


def histogram():
    values = np.array(NUMBERS, dtype=np.float64)
    counts, edges = np.histogram(values, bins=30)
    return summary_pb2.HistogramProto(
        min=values.min(), max=values.max(), num=len(values), sum=values.sum(), sum_squares=values.dot(values), bucket=counts.tolist(),
        bucket_limit=edges[1:].tolist())


def text(words):
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=[words.encode()])
    tensor.tensor_shape.dim.add(size=1)
    plugin = summary_pb2.SummaryMetadata.PluginData(plugin_name="text")
    return summary_pb2.Summary.Value(tag="notes", tensor=tensor, metadata=summary_pb2.SummaryMetadata(plugin_data=plugin))


def write():
    values = [
        summary_pb2.Summary.Value(tag="loss/total", simple_value=0.3), summary_pb2.Summary.Value(tag="weights", histo=histogram()),
        text("a *naïve* note")]
    events = [
        event_pb2.Event(wall_time=1764140000.25, file_version="brain.Event:2"),
        event_pb2.Event(wall_time=1764140000.25, step=300,
                        session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)),
        event_pb2.Event(wall_time=1764140001.5, step=300, summary=summary_pb2.Summary(value=values)),
        event_pb2.Event(wall_time=1764140002, step=301,
                        summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag="loss/total", simple_value=0)])),
    ]
    with open(GOLDEN, "wb") as file:
        writer = RecordWriter(file)
        for event in events:
            writer.write(event.SerializeToString())


def read(directory):
    events = event_accumulator.EventAccumulator(directory)
    events.Reload()
    for tag in events.Tags()["scalars"]:
        print(tag, *(f"{point.step}:{point.value:g}" for point in events.Scalars(tag)))
    for tag in events.Tags()["histograms"]:
        print(tag, *(f"{point.step}:{point.histogram_value.num:g}" for point in events.Histograms(tag)))
    for tag in events.Tags()["tensors"]:
        print(tag, *(f"{point.step}:{point.tensor_proto.string_val[0].decode()}" for point in events.Tensors(tag)))


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("directory", nargs="?")
parser.add_argument("--write", action="store_true")
arguments = parser.parse_args()
if arguments.write:
    write()
if arguments.directory:
    read(arguments.directory)
