import Recurve

/// The workloads' generator of numbers, the same bits in any language.
///
/// Element i of a tensor is a function of its full name and i: SplitMix64 of the FNV-1a hash of the name.
struct NumberStream {
  /// What all names begin with, for example `w1.small.attn.`.
  let prefix: String

  /// Uniform in `-bound ... bound`, row-major.
  func uniform(_ name: String, _ shape: Shape, _ bound: Double) -> HostTensor {
    HostTensor(shape, map(name, shape.elementCount) { Float((2 * (Double($0 >> 40) * 0x1p-24) - 1) * bound) })
  }

  /// A matrix `[outputs, inputs]` of standard deviation `1 / sqrt(inputs)`.
  func linear(_ name: String, _ outputs: Int, _ inputs: Int) -> HostTensor {
    uniform(name, [outputs, inputs], (3 / Double(inputs)).squareRoot())
  }

  /// Numbers in `0 ..< count`.
  func tokens(_ name: String, _ shape: Shape, _ count: Int) -> HostTensor {
    HostTensor(shape, map(name, shape.elementCount) { Int32($0 % UInt64(count)) })
  }

  func map<Element>(_ name: String, _ count: Int, _ transform: (UInt64) -> Element) -> [Element] {
    var random = CounterRandom(seed: ByteHash.of((prefix + name).utf8))
    return Array(unsafeUninitializedCapacity: count) { buffer, initializedCount in
      for index in 0..<count { buffer.initializeElement(at: index, to: transform(random.next())) }
      initializedCount = count
    }
  }
}
