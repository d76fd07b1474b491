/// Phrases around a name.
enum CaptionTemplates {
  private static let phrases = [
    "en": ["a picture of ", "a drawing of ", "this is "], "de": ["Bild: ", "eine Zeichnung: "], "fr": ["image : ", "un dessin : "],
    "es": ["imagen: ", "un dibujo: "], "it": ["immagine: ", "un disegno: "], "pt": ["imagem: ", "um desenho: "],
    "nl": ["plaatje: ", "een tekening: "], "pl": ["obraz: ", "rysunek: "],
  ]

  /// All phrases of the language with the name.
  static func captions(of name: String, language: String) -> [String] { phrases[language, default: []].map { $0 + name } }

  /// What stands for a concept in zero-shot classification.
  static func prompts(of name: String) -> [String] { [name] + captions(of: name, language: "en") }
}
