import Foundation
import Synchronization

/// Ctrl-C during long work: the first one asks to stop after the present step, the second one stops at once.
public enum Interruption {
  private static let count = Atomic<Int>(0)

  /// Starts to listen, also where the parent process left the signal blocked.
  public static func listen() {
    signal(SIGINT) { _ in
      if Interruption.count.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
    }
    var interrupt = sigset_t()
    sigemptyset(&interrupt)
    sigaddset(&interrupt, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
  }

  public static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }
}
