package import Split
package import Wire

/// How many requests may run together, and how long they wait for each other.
package struct BatchLimits: Sendable, Equatable {
  /// Requests of a batch, 1 or more.
  package var requests = 16
  /// Rows of features of a batch of several requests: with more of them a product has nothing to gain, and all requests end last.
  package var rows = 64
  /// How long a request waits for others at most, in milliseconds, and never for more than half of the time until its deadline.
  package var waitMilliseconds: UInt32 = 0

  package init() {}
}

/// What requests have in common that run together. There is no padding, so that their lengths may differ.
package struct BatchKind: Sendable, Hashable {
  let bundle: BundleHash
  /// `PlanID.raw` where all of the model runs.
  let split: UInt16
  /// The graph's inputs that they bring, a bit each.
  let present: UInt16

  package init(bundle: BundleHash, split: UInt16, present: UInt16) {
    self.bundle = bundle
    self.split = split
    self.present = present
  }
}

/// Requests that wait for the model, and which of them run next: a value without a clock of its own.
///
/// The most urgent goes first: the one whose deadline is nearest, or that nearest to having waited for as long as any should, so that
/// nobody waits for ever behind others in more of a hurry. Those of its kind go with it, in the same order, as long as limits and deadlines
/// allow.
package struct BatchQueue<Request> {
  /// What to do next.
  package enum Turn {
    case rest
    /// Ask again then, or when a request has been added.
    case wait(until: Moment)
    case run([Request])
  }

  private struct Entry {
    let request: Request
    let kind: BatchKind
    let rows: Int
    let deadline: Moment
    let urgency: Moment
    /// Until then it waits for others.
    let due: Moment
  }

  /// The places of requests that could run together, and the moment from which they do.
  private struct Draft {
    let places: [Int]
    let due: Moment
  }

  private let limits: BatchLimits
  private let patienceMilliseconds: UInt32
  /// The most urgent first, and of equals the one that came first.
  private var entries: [Entry] = []

  /// `patienceMilliseconds` is how long a request may be overtaken.
  package init(limits: BatchLimits, patienceMilliseconds: UInt32) {
    self.limits = limits
    self.patienceMilliseconds = patienceMilliseconds
  }

  package var count: Int { entries.count }

  /// Adds a request of so many rows that is of no use after its deadline.
  package mutating func add(_ request: Request, kind: BatchKind, rows: Int, deadline: Moment, now: Moment) {
    let urgency = min(deadline, now.adding(milliseconds: patienceMilliseconds))
    let halfway = Moment(nanoseconds: now.nanoseconds + (deadline.nanoseconds - now.nanoseconds) / 2)
    let due = min(halfway, now.adding(milliseconds: limits.waitMilliseconds))
    let place = entries.firstIndex { $0.urgency > urgency } ?? entries.count
    entries.insert(Entry(request: request, kind: kind, rows: rows, deadline: deadline, urgency: urgency, due: due), at: place)
  }

  /// Takes out the requests that are too late or that nobody waits for.
  package mutating func takeLate(now: Moment, isAbandoned: (Request) -> Bool) -> [Request] {
    take(entries.indices.filter { entries[$0].deadline <= now || isAbandoned(entries[$0].request) })
  }

  /// Takes out everything.
  package mutating func takeAll() -> [Request] { take(Array(entries.indices)) }

  /// Takes out what is to run now. A request of a batch takes about `pace` nanoseconds.
  package mutating func next(now: Moment, pace: Int64) -> Turn {
    var due: Moment?
    var seen: Set<BatchKind> = []
    for place in entries.indices {
      guard seen.insert(entries[place].kind).inserted else { continue }
      let draft = draft(from: place, now, pace)
      if draft.due <= now { return .run(take(draft.places)) }
      due = min(due ?? draft.due, draft.due)
    }
    return due.map { .wait(until: $0) } ?? .rest
  }

  /// The request at a place, the first of its kind, with those that join it.
  private func draft(from first: Int, _ now: Moment, _ pace: Int64) -> Draft {
    var (places, rows, deadline, due) = ([first], entries[first].rows, entries[first].deadline, entries[first].due)
    for place in entries.indices.dropFirst(first + 1) where entries[place].kind == entries[first].kind {
      let next = entries[place]
      let end = now.nanoseconds + pace * Int64(places.count + 1)
      guard places.count < limits.requests, rows + next.rows <= limits.rows, end <= min(deadline, next.deadline).nanoseconds else {
        return Draft(places: places, due: now)
      }
      places.append(place)
      (rows, deadline, due) = (rows + next.rows, min(deadline, next.deadline), min(due, next.due))
    }
    return Draft(places: places, due: places.count < limits.requests ? due : now)
  }

  /// Takes out what lies at places in rising order.
  private mutating func take(_ places: [Int]) -> [Request] {
    let taken = places.map { entries[$0].request }
    for place in places.reversed() { entries.remove(at: place) }
    return taken
  }
}

extension BatchQueue.Turn: Sendable where Request: Sendable {}
