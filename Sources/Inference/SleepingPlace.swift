import CPosix
import Synchronization

/// Where threads sleep until something changes: a condition variable with its mutex, at fixed addresses. Waking is one load where nobody
/// sleeps, and futexes are the only system calls.
///
/// What the sleepers look at must be read and written sequentially consistent, for a thread that goes to sleep and one that wakes must
/// not miss each other.
final class SleepingPlace: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let sleepers = Atomic<Int>(0)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  /// Sleeps as long as `asleep` holds.
  func sleep(while asleep: () -> Bool) {
    guard asleep() else { return }
    sleepers.add(1, ordering: .sequentiallyConsistent)
    pthread_mutex_lock(mutex)
    while asleep() { pthread_cond_wait(condition, mutex) }
    pthread_mutex_unlock(mutex)
    sleepers.subtract(1, ordering: .relaxed)
  }

  /// To be called after the change.
  func wakeAll() {
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }
}
