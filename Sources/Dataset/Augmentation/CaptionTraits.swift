/// What a caption says that forbids changes of its picture. Words are those of English, German, French, Spanish, Italian, Portuguese, Dutch
/// and Polish, whatever the caption's language: a word too many only leaves a picture as it is.
package struct CaptionTraits: OptionSet, Sendable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  /// It names a colour: the picture must keep its own.
  package static let colour = CaptionTraits(rawValue: 1)
  /// It names a side, a direction, or something that is written or read: the picture must not be mirrored.
  package static let handedness = CaptionTraits(rawValue: 2)

  package init(_ caption: String) {
    self = []
    let words = caption.lowercased().split { !$0.isLetter && !$0.isNumber }
    if words.contains(where: { Self.isColour($0) }) { insert(.colour) }
    if words.contains(where: { Self.handed.contains($0) || $0.contains(where: \.isNumber) }) { insert(.handedness) }
  }

  /// German and Dutch put a shade before the colour without a space.
  private static func isColour(_ word: Substring) -> Bool {
    colours.contains(word)
      || shades.contains { shade in word.hasPrefix(shade) && colours.contains(word.dropFirst(shade.count)) }
  }

  private static let shades = ["dunkel", "hell", "donker", "licht", "ciemno", "jasno"]

  private static let colours: Set<Substring> = {
    var words: Set<Substring> = []
    for (stems, endings) in stems {
      for stem in stems.split(separator: " ") { for ending in endings { words.insert(stem + ending) } }
    }
    return words
  }()

  /// Stems with the endings that they take.
  private static let stems: [(String, [String])] = [
    (
      """
      red blue green yellow orange purple violet pink brown black white gray grey golden gold silver colored coloured colour color
      """, ["", "s", "ish"]
    ),
    (
      """
      rot blau grün gelb orange lila violett rosa braun schwarz weiß grau golden silbern bunt farbig
      """, ["", "e", "er", "es", "en", "em"]
    ),
    ("rouge jaune rose orange violet violette bleu bleue vert verte brun brune noir noire blanc blanche gris grise marron", ["", "s"]),
    ("doré dorée argenté argentée azur multicolore", ["", "s"]),
    ("roj amarill morad negr blanc dorad platead colorad", ["o", "a", "os", "as"]),
    ("azul verde naranja violeta rosa marrón gris", ["", "s", "es"]),
    ("ross giall bianc ner grigi dorat azzurr argentat", ["o", "a", "i", "e", "hi", "he", ""]),
    ("blu verde verdi arancione arancioni viola marrone marroni colorato colorata", [""]),
    ("vermelh amarel rox pret branc castanh dourad pratead", ["o", "a", "os", "as"]),
    ("azuis laranja cinza cinzento cinzenta marrom marrons colorido colorida", ["", "s"]),
    ("rood rode blauw groen geel gele oranje paars roze bruin zwart wit witte grijs grijze goud gouden zilver", ["", "e"]),
    (
      """
      czerwon niebiesk zielon żółt pomarańczow fioletow różow brązow czarn biał szar złot srebrn kolorow
      """, ["y", "a", "e", "i", "ie", "ego", "ej", "ych", "ymi", "ym", "ą", "im", "iego"]
    ),
  ]

  private static let handed: Set<Substring> = Set(
    """
    left right leftwards rightwards clockwise counterclockwise anticlockwise arrow arrows clock o letter letters digit digits number
    numbers keycap text word button sign
    links rechts linke rechte linker rechter linkes rechtes pfeil pfeile uhr uhrzeigersinn buchstabe buchstaben ziffer zahl taste zeichen
    gauche droite droit flèche flèches horloge heure heures lettre lettres chiffre nombre touche bouton symbole
    izquierda izquierdo derecha derecho flecha flechas reloj letra letras dígito número números tecla botón símbolo
    sinistra sinistro destra destro freccia frecce orologio ore lettera lettere cifra numero numeri tasto pulsante simbolo
    esquerda esquerdo direita direito seta setas relógio botão
    linker linkse rechtse pijl pijlen klok uur cijfer getal toets knop teken
    lewo prawo lewa prawa lewy prawy strzałka zegar godzina litera litery cyfra liczba klawisz przycisk znak
    zero one two three four five six seven eight nine odd even null eins zwei drei vier fünf sechs sieben acht neun
    """.split { $0 == " " || $0 == "\n" })
}
