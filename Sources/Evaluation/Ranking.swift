/// Which place a score has among others. Ties go against it, and so do numbers that are none: a model that gives everything the same
/// score is right about nothing.
package enum Ranking {
  /// How many others of the scores are not below the target's: 0 for the likeliest.
  package static func rank(of target: Int, in scores: ArraySlice<Float>) -> Int {
    let own = scores[scores.startIndex + target]
    return scores.count { !($0 < own) } - 1
  }

  /// How many of those that are not `own` are not below the best that is; all of them where none is, or it is no number.
  static func rank(ofBest scores: ArraySlice<Float>, where isOwn: (Int) -> Bool) -> Int {
    var best = -Float.infinity
    for (index, score) in scores.enumerated() where isOwn(index) && score > best { best = score }
    var rank = 0
    for (index, score) in scores.enumerated() where !(score < best) && !isOwn(index) { rank += 1 }
    return rank
  }
}
