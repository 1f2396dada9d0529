import Operators
import TensorTypes

/// Tensors drawn from the domains of an operator's samples, the same for the same seed.
public enum SampleTensors {
  public static func operands(_ sample: OperatorSample, seed: UInt64) -> [HostTensor] {
    zip(sample.operands, sample.domains).enumerated().map { index, operand in
      tensor(operand.0, operand.1, seed: seed &+ UInt64(index) &* 1_000_003)
    }
  }

  public static func tensor(_ type: TensorType, _ domain: OperatorSample.Domain, seed: UInt64) -> HostTensor {
    var random = CounterRandom(seed: seed)
    let count = type.elementCount
    let numbers: [Double]
    switch domain {
    case .uniform(let low, let high): numbers = (0..<count).map { _ in low + (high - low) * random.uniform() }
    case .integers(let bound): numbers = (0..<count).map { _ in Double(Int(random.uniform() * Double(bound))) }
    case .booleans: numbers = (0..<count).map { _ in random.uniform() < 0.5 ? 0 : 1 }
    case .distinct: numbers = shuffled(count, &random).map { Double($0) / Double(count) - 0.5 }
    }
    return HostTensor(type.shape, .float64(numbers)).converted(to: type.elementType)
  }

  private static func shuffled(_ count: Int, _ random: inout CounterRandom) -> [Int] {
    var order = Array(0..<count)
    for index in order.indices.dropFirst() { order.swapAt(index, Int(random.uniform() * Double(index + 1))) }
    return order
  }
}
