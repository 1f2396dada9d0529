import Foundation
import Synchronization

/// Signals that ask long work to end: Ctrl-C, SIGTERM, and SIGHUP where it is not ignored (nohup).
///
/// The first one asks to stop after the present step; a second Ctrl-C stops at once.
public enum Interruption {
  private static let first = Atomic<Int32>(0)
  private static let keyCount = Atomic<Int>(0)

  /// Starts to listen, also where the parent process left a signal blocked.
  public static func listen() {
    var heard = sigset_t()
    sigemptyset(&heard)
    for number in [SIGINT, SIGTERM, SIGHUP] where number != SIGHUP || !isIgnored(number) {
      signal(number, Self.hear)
      sigaddset(&heard, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &heard, nil)
  }

  private static let hear: @convention(c) (Int32) -> Void = { number in
    _ = Interruption.first.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    // A vanishing terminal sends SIGHUP twice: only a second Ctrl-C is impatience.
    if number == SIGINT, Interruption.keyCount.add(1, ordering: .relaxed).newValue > 1 { _exit(128 + number) }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var present = sigaction()
    sigaction(number, nil, &present)
    return unsafeBitCast(present.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  public static var isRequested: Bool { first.load(ordering: .relaxed) != 0 }

  /// What the process says to its parent in the end: 128 and the signal, as shells count; nil without a signal.
  public static var exitCode: Int32? { isRequested ? 128 + first.load(ordering: .relaxed) : nil }
}
