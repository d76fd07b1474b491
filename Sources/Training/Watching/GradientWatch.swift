/// Looks at gradients step after step: whether they explode, and whose vanish. It begins anew when a training is taken up again.
package struct GradientWatch: Sendable {
  package struct Settings: Hashable, Sendable {
    /// A gradient has exploded that is more than so many times as long as was ever usual: as the largest median of some in a row, so that
    /// leaving a plateau, where gradients are short, is no explosion.
    package var explosion = 1000.0
    /// How many in a row; before as many steps no gradient counts as exploded.
    package var window = 32
    /// A group's gradients vanish that are shorter than this share of the longest group's
    package var share = 1e-4
    /// for so many steps.
    package var patience = 50

    package init() {}
  }

  package let settings: Settings
  private var last: [Double] = []
  private var next = 0
  private var usual = 0.0
  private var faintSteps: [Int]

  package init(groups: Int, settings: Settings = Settings()) {
    self.settings = settings
    faintSteps = Array(repeating: 0, count: groups)
  }

  /// The length that was usual, where this one has exploded. One that has not joins the last ones.
  package mutating func explosion(of norm: Double) -> Double? {
    guard last.count == settings.window else {
      last.append(norm)
      return nil
    }
    usual = max(usual, last.sorted()[last.count / 2])
    if usual > 0, norm > settings.explosion * usual { return usual }
    last[next] = norm
    next = (next + 1) % last.count
    return nil
  }

  /// Which groups' gradients vanish, from the lengths of all.
  package mutating func vanishing(_ norms: [Double]) -> [Bool] {
    let least = settings.share * (norms.max() ?? 0)
    for (group, norm) in norms.enumerated() { faintSteps[group] = norm < least ? faintSteps[group] + 1 : 0 }
    return faintSteps.map { $0 >= settings.patience }
  }
}
