import GraphIR
import TensorTypes

/// A violated constraint of an operator's type rule.
public struct TypeError: Error, Hashable, CustomStringConvertible {
  /// Operator and number of the constraint: `add.1`.
  public var constraint: String
  public var message: String

  public init(_ constraint: String, _ message: String) {
    self.constraint = constraint
    self.message = message
  }

  public var description: String { "\(constraint): \(message)" }
}

extension OperationSignature {
  /// Throws unless the condition holds.
  func require(_ condition: Bool, _ constraint: String, _ message: @autoclosure () -> String) throws {
    if !condition { throw TypeError(constraint, message()) }
  }

  func requireOperandCount(_ count: Int, _ name: String) throws {
    try require(operands.count == count, "\(name).0", "needs \(count) operands, got \(operands.count)")
  }

  func requireFloatingPoint(_ index: Int, _ constraint: String) throws {
    try require(
      operands[index].elementType.isFloatingPoint, constraint, "needs floating-point numbers, got \(operands[index])")
  }

  func requireAxes(_ axes: [Int], of type: TensorType, _ constraint: String) throws {
    let isSound = axes.allSatisfy { (0..<type.shape.rank).contains($0) } && Set(axes).count == axes.count
    try require(isSound, constraint, "axes \(axes) must be distinct axes of \(type)")
  }

  func requireIntegers(_ attribute: String, _ constraint: String) throws -> [Int] {
    guard case .integers(let values)? = attributes[attribute] else {
      throw TypeError(constraint, "needs the list of integers '\(attribute)'")
    }
    return values
  }

  func requireInteger(_ attribute: String, _ constraint: String) throws -> Int {
    guard case .integer(let value)? = attributes[attribute] else {
      throw TypeError(constraint, "needs the integer '\(attribute)'")
    }
    return value
  }

  func requireNumber(_ attribute: String, _ constraint: String) throws -> Double {
    guard case .number(let value)? = attributes[attribute] else {
      throw TypeError(constraint, "needs the number '\(attribute)'")
    }
    return value
  }

  /// A whole number that may be left out.
  func optionalInteger(_ attribute: String, _ constraint: String) throws -> Int? {
    attributes[attribute] == nil ? nil : try requireInteger(attribute, constraint)
  }

  /// Positions along an axis are numbers of type i32.
  func requirePositions(_ extent: Int, _ constraint: String) throws {
    try require(extent <= 1 << 31, constraint, "positions up to \(extent) are no numbers of type i32")
  }

  /// The shape that all operands share, with their axis names merged.
  func commonShape(_ name: String) throws -> Shape {
    let first = operands[0].shape
    for other in operands.dropFirst() {
      try require(
        other.shape == first, "\(name).1", "operands must have one shape, got [\(first)] and [\(other.shape)]")
    }
    return operands.dropFirst().reduce(first) { $0.naming(from: $1.shape) }
  }
}
