import CPosix

/// A queue between a thread that makes and one that takes, with room for a few elements.
///
/// `@unchecked Sendable`: all that changes is looked at under the mutex alone.
@safe final class HandOver<Element: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let room: Int
  private var elements: [Element] = []
  private var isClosed = false

  init(room: Int) {
    self.room = room
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(changed, nil)
  }

  /// Waits for room; false when nobody takes any more.
  func put(_ element: Element) -> Bool {
    locked {
      while elements.count == room, !isClosed { unsafe pthread_cond_wait(changed, mutex) }
      if !isClosed { elements.append(element) }
      return !isClosed
    }
  }

  /// Waits for an element. Not to be called after `close`.
  func take() -> Element {
    locked {
      while elements.isEmpty { unsafe pthread_cond_wait(changed, mutex) }
      return elements.removeFirst()
    }
  }

  /// Nothing is taken any more.
  func close() { locked { isClosed = true } }

  private func locked<Value>(_ body: () -> Value) -> Value {
    unsafe pthread_mutex_lock(mutex)
    defer {
      unsafe pthread_cond_broadcast(changed)
      unsafe pthread_mutex_unlock(mutex)
    }
    return body()
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
  }
}
