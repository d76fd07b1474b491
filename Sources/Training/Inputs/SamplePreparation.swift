package import BundleFormat
package import Dataset
package import ModelGraph
package import Preprocessing
package import Randomness

/// Makes inputs of a set's samples, as a device would of its own.
package struct SamplePreparation: Sendable {
  private let image: ImageOptions?
  private let sound: SoundOptions?
  private let tokenizer: WordPieceTokenizer?
  private let longest: Int
  private let rate: Int
  /// Nil where samples are taken as they are.
  private let ranges: AugmentationRanges?

  /// Of those inputs only that are given. `rate` is that of the set's recordings; `ranges` tell how far samples are changed.
  package init(
    image: ImageInput?, sound: SoundInput?, tokenizer: TokenizerDescription?, rate: Int, ranges: AugmentationRanges? = nil
  ) throws(PreparationError) {
    do throws(MediaError) {
      self.image = try image.map { image throws(MediaError) in try ImageOptions(image) }
      self.sound = try sound.map { sound throws(MediaError) in try SoundOptions(sound) }
    } catch {
      throw .media(error)
    }
    do throws(TokenizerError) {
      self.tokenizer = try tokenizer.map { description throws(TokenizerError) in try WordPieceTokenizer(description) }
    } catch {
      throw .tokenizer(error)
    }
    longest = tokenizer?.options.maximumTokens ?? 1
    self.rate = rate
    self.ranges = ranges
  }

  /// The inputs of those modalities. What a sample is changed by follows from `random` alone.
  package func prepare(
    _ sample: Sample, _ modalities: Set<Modality>, _ random: inout CounterRandom
  ) throws(SampleFault) -> PreparedSample {
    // Of a set of texts there is nothing else to know.
    let isText = modalities == [.text] && sample.members["json"] == nil
    let metadata = isText ? nil : try sample.metadata()
    let augmentation = ranges.flatMap { ranges in
      metadata.map { Augmentation(captions: $0.captions, spoken: $0.spoken, ranges: ranges, using: &random) }
    }
    var prepared = PreparedSample(key: sample.key, concept: metadata?.concept ?? 0)
    if modalities.contains(.image), let image {
      let picture = try sample.picture()
      do throws(MediaError) {
        prepared.pixels = try image.normalized(augmentation?.picture.apply(to: picture) ?? picture)
      } catch {
        throw .damagedPicture(error)
      }
    }
    if modalities.contains(.sound), let sound {
      let recording = try sample.sound(rate: rate)
      do throws(MediaError) {
        prepared.samples = try sound.prepare(try augmentation?.sound.apply(to: recording) ?? recording)
      } catch {
        throw .damagedSound(error)
      }
    }
    if modalities.contains(.text), tokenizer != nil {
      if let augmentation, let metadata {
        prepared.tokens = tokens(metadata.captions[augmentation.caption])
      } else {
        prepared.tokens = tokens(try sample.caption())
      }
    }
    return prepared
  }

  /// The same for a sample of a reinforced set: changed as a variant that the teacher saw, which `random` chooses, with what it said.
  package func prepare(
    _ sample: Sample, _ modalities: Set<Modality>, _ teacher: TeacherDescription, _ random: inout CounterRandom
  ) throws(SampleFault) -> PreparedSample {
    let variant = Int(random.next() % UInt64(teacher.variants))
    var own = teacher.random(variant: variant, key: sample.key)
    var prepared = try prepare(sample, modalities, &own)
    prepared.teacher = try teacher.outputs(of: sample, variant: variant)
    return prepared
  }

  /// A text as tokens; none without a tokenizer.
  package func tokens(_ text: String) -> [Int32]? {
    tokenizer.map { $0.encode(Array(text.utf8).span, maximumTokens: longest) }
  }
}

extension DatasetDirectory {
  /// Throws unless a model that tells so many concepts apart may have been trained on this set.
  package func check(labels: Int) throws(PreparationError) {
    let concepts = description.concepts.count
    guard labels == concepts else { throw .otherConcepts(labels: labels, concepts: concepts) }
  }
}

/// Why a model's inputs cannot be made.
package enum PreparationError: Error, CustomStringConvertible {
  case media(MediaError)
  case tokenizer(TokenizerError)
  /// The model was trained on another set.
  case otherConcepts(labels: Int, concepts: Int)

  package var description: String {
    switch self {
    case .media(let error): "\(error)"
    case .tokenizer(let error): "\(error)"
    case .otherConcepts(let labels, let concepts):
      "the model tells \(labels) concepts apart and the set has \(concepts): it was trained on another set"
    }
  }
}
