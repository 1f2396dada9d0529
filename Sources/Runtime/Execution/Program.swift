import KernelIR
import TensorTypes

/// What runs: steps, and where their buffers and parameters lie in two arenas.
public struct Program: Sendable {
  public var name: String
  public var steps: [Step]
  public var loopCount: Int
  /// Where each buffer of the steps begins, in bytes.
  public var bufferOffsets: [Int]
  /// Where each parameter begins in memory of the program's own, in bytes.
  public var parameterOffsets: [Int]
  /// Bytes of everything that a run computes.
  public var arenaByteCount: Int
  /// Bytes of parameters in memory of the program's own: weights, optimizer state, inputs.
  public var persistentByteCount: Int
  public var parameters: [Binding]
  public var results: [Binding]

  public init(
    name: String, steps: [Step], loopCount: Int, bufferOffsets: [Int], parameterOffsets: [Int], arenaByteCount: Int,
    persistentByteCount: Int, parameters: [Binding], results: [Binding]
  ) {
    (self.name, self.steps, self.loopCount) = (name, steps, loopCount)
    (self.bufferOffsets, self.parameterOffsets) = (bufferOffsets, parameterOffsets)
    (self.arenaByteCount, self.persistentByteCount) = (arenaByteCount, persistentByteCount)
    (self.parameters, self.results) = (parameters, results)
  }

  /// A named tensor at the border of the program.
  public struct Binding: Sendable {
    public var name: String
    public var type: TensorType
    public var place: Place
    public init(name: String, type: TensorType, place: Place) {
      (self.name, self.type, self.place) = (name, type, place)
    }
  }
}

extension Program {
  /// Where a place is in the first iteration of all loops.
  func address(
    _ place: Place, step: UnsafeMutableRawPointer, parameters: [TensorMemory]
  ) -> UnsafeMutableRawPointer {
    switch place.base {
    case .buffer(let index): step + bufferOffsets[index] + place.byteOffset
    case .parameter(let index): parameters[index].address + place.byteOffset
    }
  }
}
