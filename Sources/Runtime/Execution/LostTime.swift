/// What other programs took from the workers of a program; and, where workers are more than processors, what they took from
/// each other.
public struct LostTime: Sendable {
  /// In which a worker wanted to run and did not, all workers together; looked at every 16 milliseconds.
  public var seconds: Double
  /// Launches of more than one share.
  public var launches: Int
  /// Those of them that fewer workers than planned ran, because others needed the processors.
  public var smallerLaunches: Int

  public init(seconds: Double = 0, launches: Int = 0, smallerLaunches: Int = 0) {
    (self.seconds, self.launches, self.smallerLaunches) = (seconds, launches, smallerLaunches)
  }

  public static func - (now: LostTime, before: LostTime) -> LostTime {
    LostTime(
      seconds: now.seconds - before.seconds, launches: now.launches - before.launches,
      smallerLaunches: now.smallerLaunches - before.smallerLaunches)
  }
}
