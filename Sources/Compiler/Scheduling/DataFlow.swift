import KernelIR

/// What the steps of a schedule mean: which value each of them finds and leaves where. The steps themselves speak of bytes
/// only; whoever checks them needs both.
public struct DataFlow: Sendable {
  public var values: [FlowingValue] = []
  /// In the order of the steps, each of which has one event; what passes from value to value without a step has one too.
  public var events: [Event] = []
  /// What the host has written before a run.
  public var parameters: [Touch] = []
  /// What it reads afterwards.
  public var results: [Touch] = []

  /// A value that lies in memory, in a layout.
  public struct FlowingValue: Sendable {
    public var name: BufferName
    /// The loop whose every iteration makes it anew; nil outside of loops, and for what passes from iteration to iteration.
    public var loop: Int?
  }

  public enum Event: Sendable {
    /// In the order in which members of a group do it, each for one of so many rows after another.
    case launch(step: Int, rowCount: Int, touches: [Touch])
    /// By a step that copies, or where it lies. What is a part of a larger value leaves the other parts as they are.
    case move(from: Touch, to: Touch, step: Int?, isPart: Bool)
    case storeIteration(step: Int, Touch)
    /// - Parameter count: of iterations, where it is read from memory.
    case loopBegin(step: Int, count: Touch?)
    case loopEnd(step: Int)
  }

  /// Of moves that happen together, those that change bytes come first: the others take nothing away.
  mutating func letCopiesReadFirst(from first: Int) {
    let moves = events[first...]
    events[first...] = ArraySlice(moves.filter(\.isStep) + moves.filter { !$0.isStep })
  }

  /// Elements of a value where a step expects or leaves them.
  public struct Touch: Sendable {
    /// Number of the value.
    public var value: Int
    /// Where the value begins.
    public var place: Place
    public var elementByteCount: Int
    public var elementCount: Int
    public var isWritten = false
    /// Which elements, and when.
    public var pattern = AccessPattern(walks: nil, moments: 0...1)
    /// The member of a group that touches it.
    public var member = 0
  }
}

extension DataFlow.Event {
  fileprivate var isStep: Bool { if case .move(_, _, nil, _) = self { false } else { true } }
}
