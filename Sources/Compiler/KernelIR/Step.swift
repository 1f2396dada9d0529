/// One step of a program. Loops are two steps, one before their body and one behind it.
public enum Step: Sendable {
  case call(Call)
  case copy(source: Place, destination: Place, byteCount: Int)
  /// Writes a loop's present iteration, as i32.
  case storeIteration(loop: Int, destination: Place)
  case loopBegin(Loop)
  /// - Parameter begin: the position of the loop's beginning among the steps.
  case loopEnd(Loop, begin: Int)

  /// One launch of a function.
  public struct Call: Sendable {
    public var function: Int
    public var arguments: [Argument]
    public var scratch: Place?
    /// Into how many parts the launch is divided, at least one for every worker; 1 where it is too small to divide.
    public var shares: Int
    /// Its number among the launches of the program.
    public var launch: Int

    public init(function: Int, arguments: [Argument], scratch: Place?, shares: Int, launch: Int) {
      (self.function, self.arguments, self.scratch) = (function, arguments, scratch)
      (self.shares, self.launch) = (shares, launch)
    }
  }

  public struct Argument: Sendable {
    public var place: Place
    /// Whether bytes from before the launch matter.
    public var isRead: Bool
    public var isWritten: Bool

    public init(_ place: Place, isRead: Bool, isWritten: Bool) {
      (self.place, self.isRead, self.isWritten) = (place, isRead, isWritten)
    }
  }

  public struct Loop: Hashable, Sendable {
    public var number: Int
    /// Of iterations, or their bound.
    public var count: Int
    public var isReversed: Bool
    /// Where the number of iterations is found, an i32, when the loop begins; clamped to `0...count`.
    public var runTimeCount: Place?
    /// How often it then runs on average, where the compiler knows.
    public var expectedCount: Double?
    /// How workers share the loop, where none waits for another between iterations.
    public var rows: Rows?

    public init(
      number: Int, count: Int, isReversed: Bool, runTimeCount: Place? = nil, expectedCount: Double? = nil,
      rows: Rows? = nil
    ) {
      (self.number, self.count, self.isReversed) = (number, count, isReversed)
      (self.runTimeCount, self.expectedCount, self.rows) = (runTimeCount, expectedCount, rows)
    }

    /// Rows that each go through all iterations, in the shares of the body's one call.
    public struct Rows: Hashable, Sendable {
      public var count: Int
      /// Of a panel, which no share cuts; the last is perhaps not full.
      public var panelRows: Int
      public var shares: Int

      public init(count: Int, panelRows: Int, shares: Int) {
        (self.count, self.panelRows, self.shares) = (count, panelRows, shares)
      }
    }
  }
}

/// Where bytes are: a buffer, and how far to move in it for each iteration of the loops around.
public struct Place: Hashable, Sendable {
  public var base: Base
  public var byteOffset: Int
  public var terms: [Term]

  public enum Base: Hashable, Sendable {
    /// Index of a buffer of the arena.
    case buffer(Int)
    /// Index of a graph parameter.
    case parameter(Int)
  }

  public struct Term: Hashable, Sendable {
    public var loop: Int
    public var byteStride: Int
    public init(loop: Int, byteStride: Int) { (self.loop, self.byteStride) = (loop, byteStride) }
  }

  public init(_ base: Base, byteOffset: Int = 0, terms: [Term] = []) {
    (self.base, self.byteOffset, self.terms) = (base, byteOffset, terms)
  }
}

extension Place: CustomStringConvertible {
  /// `b3+64[loop 1 * 4096]`
  public var description: String {
    let base =
      switch base {
      case .buffer(let buffer): "b\(buffer)"
      case .parameter(let parameter): "p\(parameter)"
      }
    let offset = byteOffset == 0 ? "" : "+\(byteOffset)"
    return base + offset + terms.map { "[loop \($0.loop) * \($0.byteStride)]" }.joined()
  }
}
