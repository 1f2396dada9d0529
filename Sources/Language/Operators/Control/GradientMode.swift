import GraphIR

/// How far the gradient reaches back through the iterations of a recursion.
public enum GradientMode: Hashable, Sendable {
  /// Through all iterations; every iteration's residuals are kept.
  case full
  /// Through the last iterations only; the ones before them keep nothing (truncated back-propagation).
  case last(Int)
  /// Through none.
  case none
  /// Through all iterations, bit for bit as `full`; carries are kept every so many iterations, the rest is
  /// computed again.
  case checkpointed(every: Int)
  /// Through all iterations, bit for bit as `full`; so many carries are kept and the one that was computed last,
  /// with no more recomputation than is optimal for so many (Griewank and Walther 2000, Algorithm 799). The program is two
  /// loops, one of which has a third inside, for any number of iterations that are more than the carries kept. A gradient of such a gradient is refused.
  case revolve(slots: Int)

  /// The attributes of a `repeat` that hold the mode.
  public var attributes: [(String, Attribute)] {
    [("gradient", .text(name)), ("gradient_parameter", .integer(parameter))]
  }

  public var name: String {
    switch self {
    case .full: "full"
    case .last: "last"
    case .none: "none"
    case .checkpointed: "checkpointed"
    case .revolve: "revolve"
    }
  }

  public var parameter: Int {
    switch self {
    case .full, .none: 0
    case .last(let count), .checkpointed(let count), .revolve(let count): count
    }
  }

  /// Why a recursion cannot have the mode; nil where it can.
  public func problem(iterations: Int) -> String? {
    switch self {
    case .full, .none: nil
    case .last(let count) where count < 1: "last(k) needs k of at least 1, got \(count)"
    case .last(let count):
      count <= iterations ? nil : "last(\(count)) reaches back further than the \(iterations) iterations; use full"
    case .checkpointed(let every):
      every < 1 ? "checkpointed(every:) needs at least 1 iteration, got \(every)" : nil
    case .revolve(let slots) where slots < 1: "revolve(slots:) needs at least 1 slot, got \(slots)"
    case .revolve: nil
    }
  }

  /// The mode of a `repeat`, `full` where it names none; nil where its attributes hold no mode. Whether a loop can have it,
  /// `problem(iterations:)` says.
  public init?(_ attributes: Attributes) {
    guard let gradient = attributes["gradient"] else {
      self = .full
      return
    }
    guard case .text(let name) = gradient, case .integer(let parameter)? = attributes["gradient_parameter"],
      let mode = Self.modes(parameter).first(where: { $0.name == name })
    else { return nil }
    self = mode
  }

  /// Every mode with the parameter.
  private static func modes(_ parameter: Int) -> [GradientMode] {
    [.full, .last(parameter), .none, .checkpointed(every: parameter), .revolve(slots: parameter)]
  }
}

extension GradientMode: CustomStringConvertible {
  /// `last(1)`, `checkpointed(every: 1)`, `revolve(slots: 3)`
  public var description: String {
    switch self {
    case .full, .none: name
    case .last(let count): "last(\(count))"
    case .checkpointed(let every): "checkpointed(every: \(every))"
    case .revolve(let slots): "revolve(slots: \(slots))"
    }
  }
}
