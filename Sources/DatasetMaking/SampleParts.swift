import Dataset
import JSONFormat
import Preprocessing

extension Sample {
  /// A sample of a thing that is drawn, named and spoken.
  init(key: String, metadata: SampleMetadata, caption: String, picture: RGBImage, sound: Sound) {
    self.init(
      key: key,
      members: [
        "json": Array(metadata.json.text.utf8), "txt": Array(caption.utf8), "png": PNGWriter.bytes(of: picture),
        "wav": WaveWriter.bytes(of: sound),
      ])
  }
}
