import Execution
import Foundation
import Modeling
import TensorTypes

/// The states of programs that go on from one another: what one of them leaves, the next one finds.
///
///     let session = Session()
///     var out = try prefill(["tokens": prompt], in: session)
///     for _ in 0..<100 { out = try decode(["token": out["token"]!], in: session) }
///
/// A state is zero until a program has left something in it. The same name in one session is the same bytes. One call at a
/// time uses a session; others wait. Programs that draw random numbers count their runs in it.
public final class Session: @unchecked Sendable {
  struct State {
    var memory: TensorMemory
    /// The program that declared it, with the line.
    var owner: String
    /// Whether it is the seed and the count of random numbers.
    var isRandom = false
  }

  private let lock = NSLock()
  private var states: [String: State] = [:]
  private let seed: Int32

  /// - Parameter seed: of the random numbers that programs draw.
  public init(seed: Int32 = 0) { self.seed = seed }

  /// A session with the same states, each of which goes on apart.
  ///
  /// - Parameter seed: of the random numbers from now on; nil to draw what this session would.
  /// - Throws: `ExecutionError.notEnoughMemory`; what a device says that has the states.
  public func copy(seed: Int32? = nil) throws -> Session {
    let branch = Session(seed: seed ?? self.seed)
    try lock.withLock {
      let names = states.keys.sorted()
      let memory = try TensorMemory.block(names.compactMap { states[$0]?.memory.type })
      for (name, copy) in zip(names, memory) {
        guard let state = states[name] else { continue }
        try state.memory.bringHome()
        copy.copy(from: state.memory)
        branch.states[name] = State(memory: copy, owner: state.owner, isRandom: state.isRandom)
        if let seed, state.isRandom { copy.set(HostTensor([2], [seed, 0])) }
      }
    }
    return branch
  }

  /// The states that there are, as they are now.
  public var tensors: [String: HostTensor] { lock.withLock { states.mapValues(\.memory.tensor) } }

  /// A state as it is now; nil where no program has declared it yet.
  public subscript(_ name: String) -> HostTensor? { lock.withLock { states[name]?.memory.tensor } }

  /// Bytes of all states.
  public var byteCount: Int { lock.withLock { states.values.reduce(0) { $0 + $1.memory.type.byteCount } } }

  /// Replaces a state.
  ///
  /// - Throws: `SessionError` where a program has declared it with another type; `InputError` for a tensor that does not hold
  ///   the numbers of its shape.
  public func set(_ name: String, _ tensor: HostTensor) throws {
    if let problem = tensor.type.problem ?? (tensor.fits(tensor.type) ? nil : "is \(tensor.summary)") {
      throw InputError(problems: ["state '\(name)': \(problem)"])
    }
    try lock.withLock {
      if let state = states[name] {
        guard tensor.fits(state.memory.type) else {
          throw SessionError(
            state: name, found: tensor.summary, user: "the tensor", needed: "\(state.memory.type)", owner: state.owner)
        }
        state.memory.set(tensor)
      } else {
        let memory = try TensorMemory.block([tensor.type])[0]
        memory.set(tensor)
        states[name] = State(memory: memory, owner: Self.host)
      }
    }
  }

  /// Sets all states to what they were in the beginning: zero, and random numbers to the seed.
  public func reset() { reset(drawingOn: false) }

  /// - Parameter drawingOn: leaves the random numbers where they are.
  func reset(drawingOn: Bool) {
    lock.withLock { for state in states.values where !(drawingOn && state.isRandom) { begin(state) } }
  }

  private func begin(_ state: State) {
    state.memory.fill(0)
    if state.isRandom { state.memory.set(HostTensor([2], [seed, 0])) }
  }

  private static let host = "the host"

  private static func text(_ type: TensorType, isRandom: Bool) -> String {
    isRandom ? "the seed and the count of random numbers" : "\(type)"
  }

  /// Runs the body with the memory of states, made where they are new.
  ///
  /// - Throws: `SessionError` where one is there with another type, `ExecutionError.notEnoughMemory`.
  func using<Result>(
    _ needed: [StateNeed], _ body: ([String: TensorMemory]) throws -> Result
  ) throws -> Result {
    try lock.withLock {
      for state in needed {
        guard let present = states[state.name] else { continue }
        let isOther = present.isRandom != state.isRandom && present.owner != Self.host
        guard present.memory.type != state.type || isOther else { continue }
        throw SessionError(
          state: state.name, found: Self.text(state.type, isRandom: state.isRandom), user: state.owner,
          needed: Self.text(present.memory.type, isRandom: present.isRandom), owner: present.owner)
      }
      // One that the host has set is known for what it is from its first program on.
      for state in needed where state.isRandom { states[state.name]?.isRandom = true }
      let new = needed.filter { states[$0.name] == nil }
      if !new.isEmpty {
        for (need, memory) in zip(new, try TensorMemory.block(new.map(\.type))) {
          let state = State(memory: memory, owner: need.owner, isRandom: need.isRandom)
          begin(state)
          states[need.name] = state
        }
      }
      return try body(states.mapValues(\.memory))
    }
  }
}

/// A state that a program declares.
struct StateNeed {
  var name: String
  var type: TensorType
  /// The program, with the line.
  var owner: String
  var isRandom: Bool
}

/// A state that two programs of one session declare with different types, or that only one of them has random numbers in.
public struct SessionError: Error, Hashable, CustomStringConvertible {
  public var state: String
  public var found: String
  public var user: String
  public var needed: String
  public var owner: String

  public var description: String {
    "state '\(state)' is \(found) in \(user), but \(needed) in \(owner), which the session had before"
  }
}
