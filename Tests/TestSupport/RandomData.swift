import GraphIR
import Operators
import TensorTypes

/// Tensors for the parameters of a graph. They depend on the seed and on the parameter's name and type alone, so that a
/// parameter keeps its numbers while the graph around it shrinks.
public struct RandomData: Hashable, Sendable {
  public var seed: UInt64
  /// Whether tensors hold NaNs, infinities, signed zeros, subnormals, huge numbers and ties among their numbers.
  public var hasSpecialValues: Bool

  public init(seed: UInt64, hasSpecialValues: Bool = false) {
    self.seed = seed
    self.hasSpecialValues = hasSpecialValues
  }

  /// Integers are what the graph's uses of them accept.
  public func tensors(for graph: Graph) -> [HostTensor] {
    let needs = Dictionary(grouping: graph.integerNeeds(), by: \.parameter)
    return graph.parameters.enumerated().map { index, parameter in
      let tensor = tensor(graph.type(of: parameter), name: graph[parameter].name ?? "")
      return needs[index].map { Self.accepted(tensor, $0) } ?? tensor
    }
  }

  /// The tensor with every integer moved into the ranges of all its uses.
  private static func accepted(_ tensor: HostTensor, _ needs: [IntegerNeed]) -> HostTensor {
    let numbers = tensor.integers.enumerated().map { index, number -> Int32 in
      let ranges = needs.filter { $0.elements?[index] != false }.map(\.accepted.range)
      let (low, high) = (ranges.map(\.lowerBound).max() ?? 0, ranges.map(\.upperBound).min() ?? 0)
      if ranges.isEmpty || low >= high || (low..<high).contains(Int(number)) { return number }
      return Int32(clamping: low + ((Int(number) - low) % (high - low) + high - low) % (high - low))
    }
    return HostTensor(tensor.shape, numbers)
  }

  /// Integers are below the number that the name ends with: `rows_below_7`.
  func tensor(_ type: TensorType, name: String) -> HostTensor {
    var random = CounterRandom(seed: ByteHash.of(name.utf8) ^ (seed &* 977))
    switch type.elementType {
    case .int32: return SampleTensors.tensor(type, .integers(Self.bound(name)), seed: random.next())
    case .bool: return SampleTensors.tensor(type, .booleans, seed: random.next())
    case .float32, .float64:
      return HostTensor(type.shape, .float64(numbers(type.elementCount, &random))).converted(to: type.elementType)
    }
  }

  static func name(_ name: String, below bound: Int) -> String { "\(name)_below_\(bound)" }

  private static func bound(_ name: String) -> Int {
    let parts = name.split(separator: "_")
    return parts.count > 2 && parts[parts.count - 2] == "below" ? Int(parts[parts.count - 1]) ?? 2 : 2
  }

  private func numbers(_ count: Int, _ random: inout CounterRandom) -> [Double] {
    let isCoarse = random.next() % 5 == 0
    let specialShare = hasSpecialValues && random.next() % 2 == 0 ? 0.02 + 0.2 * random.uniform() : 0
    return (0..<count).map { _ in
      let number = 1.6 * random.uniform() - 0.8
      if random.uniform() < specialShare { return Self.special[Int(random.next() % UInt64(Self.special.count))] }
      return isCoarse ? (number * 4).rounded() / 4 : number
    }
  }

  private static let special: [Double] = [
    .nan, .infinity, -.infinity, 0, -0.0, 1e-40, -1e-40, 1e-45, 1, -1, 0.5, 3e9, -3e9, 3e38, -3e38, 88, -104, 1e-20,
  ]
}
