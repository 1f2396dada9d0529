import Foundation
import Synchronization

/// Ctrl-C during long work: the first one asks to stop after the present step, the second one stops at once.
public enum Interruption {
  private static let count = Atomic<Int>(0)

  /// Starts to listen.
  public static func listen() {
    signal(SIGINT) { _ in
      if Interruption.count.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
    }
  }

  public static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }
}
