import Recurve
import Testing

/// Parts of tensors, new axes, positions and rows by number.
@Suite struct TensorIndexingTests {
  private static let numbers: [Float] = (0..<12).map(Float.init)

  /// Of the rows 0 to 3, 4 to 7 and 8 to 11.
  private func part(_ function: @escaping @Sendable (Tensor) -> Tensor) throws -> HostTensor {
    try TensorFunction([3, 4], Self.numbers, function).value()
  }

  @Test func subscripts() throws {
    #expect(try part { $0[2] }.isNear([4], [8, 9, 10, 11]))
    #expect(try part { $0[-3] }.isNear([4], [0, 1, 2, 3]))
    #expect(try part { $0[1, -1] }.isNear([], [7]))
    #expect(try part { $0[0..., 2] }.isNear([3], [2, 6, 10]))
    #expect(try part { $0[1..<3, 1...2] }.isNear([2, 2], [5, 6, 9, 10]))
    #expect(try part { $0[(-2)..., ..<1] }.isNear([2, 1], [4, 8]))
    #expect(try part { $0[..<(-2), ...(-2)] }.isNear([1, 3], [0, 1, 2]))
    #expect(try part { $0[0, -3 ..< -1] }.isNear([2], [1, 2]))
    #expect(try part { $0[0, -2..<0] }.isNear([2], [2, 3]))
    #expect(try part { $0[0, -3 ... -2] }.isNear([2], [1, 2]))
    #expect(try part { $0[3...] }.isNear([0, 4], []))
    #expect(try part { $0[1..<1, 0] }.isNear([0], []))
    #expect(try part { $0[] }.isNear([3, 4], Self.numbers.map(Double.init)))
    #expect(try TensorFunction([2, 2], [1, 2, 3, 4]) { $0[-1, 0...] }.gradient() == [0, 0, 1, 2])
  }

  @Test func newAxes() throws {
    #expect(try part { $0.expanded(at: 0) }.shape == [1, 3, 4])
    #expect(try part { $0.expanded(at: -2) }.shape == [3, 1, 4])
    #expect(try part { $0.sum().expanded(at: -1) }.isNear([1], [66]))
    #expect(try part { $0.expanded(at: 1).squeezed(axis: -2) }.isNear([3, 4], Self.numbers.map(Double.init)))
    #expect(try part { stack([$0[0], $0[2]], axis: 0) }.isNear([2, 4], [0, 1, 2, 3, 8, 9, 10, 11]))
    #expect(try part { stack([$0[0], $0[2]], axis: -1) }.isNear([4, 2], [0, 8, 1, 9, 2, 10, 3, 11]))
    #expect(try part { stack([$0[0, 0]], axis: 0) }.isNear([1], [0]))
    #expect(try TensorFunction([1, 2]) { stack([$0, $0 * 10], axis: 1) }.gradient() == [21, 43])
  }

  @Test func padding() throws {
    let padded = TensorFunction([2, 1], [1, 2]) { $0.padded(axis: -1, before: 1, after: 2) }
    #expect(try padded.value().isIdentical(to: HostTensor([2, 4], [Float(-0.0), 1, -0.0, -0.0, -0.0, 2, -0.0, -0.0])))
    #expect(try padded.gradient() == [2, 6])
    #expect(try TensorFunction([0], []) { $0.padded(axis: 0, after: 2) }.value().isNear([2], [0, 0]))
  }

  @Test func positions() throws {
    #expect(try part { _ in .iota([2, 3], axis: -1) } == HostTensor([2, 3], [Int32(0), 1, 2, 0, 1, 2]))
    #expect(try part { _ in .iota(["R": 2, "C": 2], axis: 0) } == HostTensor([2, 2], [Int32(0), 0, 1, 1]))
    #expect(try part { _ in .iota([0], axis: 0) }.shape == [0])
  }

  @Test func oneHots() throws {
    func ofNumbers(_ function: @escaping @Sendable (Tensor) -> Tensor) throws -> HostTensor {
      try TensorFunction([2, 0, -1, 3]) { function($0.converted(to: .int32)) }.value()
    }
    let rows: [Double] = [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    #expect(try ofNumbers { oneHot($0, count: 3) }.isNear([4, 3], rows))
    #expect(try ofNumbers { oneHot($0, count: 3, .bool) } == HostTensor([4, 3], .bool(rows.map { $0 == 1 })))
    #expect(try ofNumbers { oneHot($0[0], count: 3, .int32) } == HostTensor([3], [Int32(0), 0, 1]))
    #expect(try ofNumbers { oneHot($0, count: 0) }.shape == [4, 0])
  }

  /// What stands in the other triangle does not matter, not even NaN.
  @Test func triangles() throws {
    #expect(try part { $0.tril() }.isNear([3, 4], [0, 0, 0, 0, 4, 5, 0, 0, 8, 9, 10, 0]))
    #expect(try part { $0.triu() }.isNear([3, 4], [0, 1, 2, 3, 0, 5, 6, 7, 0, 0, 10, 11]))
    #expect(try part { $0.tril(diagonal: -1) }.isNear([3, 4], [0, 0, 0, 0, 4, 0, 0, 0, 8, 9, 0, 0]))
    #expect(try part { $0.triu(diagonal: 2) }.isNear([3, 4], [0, 0, 2, 3, 0, 0, 0, 7, 0, 0, 0, 0]))
    #expect(try part { $0.tril(diagonal: .max) } == part { $0 })
    #expect(try part { $0.triu(diagonal: .min) } == part { $0 })
    #expect(try part { $0.triu(diagonal: .max) }.isNear([3, 4], Array(repeating: 0, count: 12)))
    let batch = TensorFunction([2, 2, 2], [1, .nan, 3, 4, 5, .infinity, 7, 8]) { $0.tril() }
    #expect(try batch.value().isNear([2, 2, 2], [1, 0, 3, 4, 5, 0, 7, 8]))
    #expect(try batch.gradient() == [1, 0, 3, 4, 5, 0, 7, 8])
    #expect(try TensorFunction([0, 3], []) { $0.triu() }.value().shape == [0, 3])
    let whole = TensorFunction([2, 2], [1, 2, 3, 4]) { $0.converted(to: .int32).triu() }
    #expect(try whole.value() == HostTensor([2, 2], [Int32(1), 2, 0, 4]))
    let booleans = TensorFunction([2, 2], [1, 1, 1, 1]) { ($0 .> 0).tril() }
    #expect(try booleans.value() == HostTensor([2, 2], .bool([true, false, true, true])))
  }

  @Test func rowsAdded() throws {
    let added = TensorFunction([2, 2], [1, 2, 3, 4]) { x in
      let numbers = concatenate([Tensor.constant(2, [1], .int32), .constant(0, [1], .int32)], axis: 0)
      return scatterAdd(.constant(10, [3, 2]), numbers, x)
    }
    #expect(try added.value().isNear([3, 2], [13, 14, 10, 10, 11, 12]))
    #expect(try added.gradient() == [5, 6, 1, 2])
    let twice = TensorFunction([2, 1], [1, 2]) { scatterAdd(.constant(0, [1, 1]), .constant(0, [2], .int32), $0) }
    #expect(try twice.value().isNear([1, 1], [3]))
  }
}
