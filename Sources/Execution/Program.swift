import TensorTypes

/// What runs: steps with addresses relative to two arenas.
public struct Program: Sendable {
  public var name: String
  public var steps: [Step]
  public var loopCount: Int
  /// Bytes of everything that a run computes.
  public var arenaByteCount: Int
  /// Bytes of parameters: weights, optimizer state, inputs.
  public var persistentByteCount: Int
  public var parameters: [Binding]
  public var results: [Binding]

  public init(
    name: String, steps: [Step], loopCount: Int, arenaByteCount: Int, persistentByteCount: Int,
    parameters: [Binding], results: [Binding]
  ) {
    self.name = name
    self.steps = steps
    self.loopCount = loopCount
    self.arenaByteCount = arenaByteCount
    self.persistentByteCount = persistentByteCount
    self.parameters = parameters
    self.results = results
  }

  public indirect enum Step: Sendable {
    case call(function: Int, arguments: [Address], scratch: Address?, shares: Int)
    case copy(source: Address, destination: Address, byteCount: Int)
    case storeStep(loop: Int, destination: Address)
    case loop(number: Int, count: Int, isReversed: Bool, body: [Step])
  }

  /// An offset in an arena that may move with the iterations of loops.
  public struct Address: Hashable, Sendable {
    public var arena: Arena
    public var byteOffset: Int
    public var terms: [Term]

    public enum Arena: Hashable, Sendable { case step, persistent }

    public struct Term: Hashable, Sendable {
      public var loop: Int
      public var byteStride: Int
      public init(loop: Int, byteStride: Int) {
        self.loop = loop
        self.byteStride = byteStride
      }
    }

    public init(arena: Arena, byteOffset: Int, terms: [Term]) {
      self.arena = arena
      self.byteOffset = byteOffset
      self.terms = terms
    }
  }

  /// A named tensor at the border of the program.
  public struct Binding: Sendable {
    public var name: String
    public var type: TensorType
    public var address: Address
    public init(name: String, type: TensorType, address: Address) {
      self.name = name
      self.type = type
      self.address = address
    }
  }
}
