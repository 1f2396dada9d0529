import Recurve
import Testing

/// Parts at computed positions, order, and recurrences along an axis.
@Suite struct TensorDynamicTests {
  private static func position(_ number: Int32) -> Tensor { .values([number], []) }

  private func expect(
    _ shape: Shape, _ numbers: [Double], _ function: @escaping @Sendable (Tensor) -> Tensor,
    of operand: (Shape, [Float]) = ([2, 3], [1, 2, 3, 4, 5, 6]), _ line: SourceLocation = #_sourceLocation
  ) throws {
    let found = try TensorFunction(operand.0, operand.1, function).value()
    #expect(found.isNear(shape, numbers), "\(found.doubles)", sourceLocation: line)
  }

  typealias SourceLocation = Testing.SourceLocation

  @Test func partsAtPositions() throws {
    try expect([2, 2], [2, 3, 5, 6]) { $0.slice(at: Self.position(1), length: 2, axis: 1) }
    try expect([1, 3], [4, 5, 6]) { $0.slice(at: Self.position(1), length: 1, axis: 0) }
    try expect([2], [3, 6]) { $0.at(Self.position(2), axis: -1) }
    try expect([2, 3], [1, 7, 7, 4, 7, 7]) {
      $0.updated(at: Self.position(1), with: .constant(7, [2, 2]), axis: 1)
    }
    try expect([2, 3], [7, 7, 7, 4, 5, 6]) {
      $0.updated(at: Self.position(0), with: .constant(7, [1, 3]), axis: 0)
    }
    // Computed positions are clamped: 1 + 2 lies behind the last window of two.
    try expect([2, 2], [2, 3, 5, 6]) {
      $0.slice(at: (Self.position(1).converted(to: .float32) + 2).converted(to: .int32), length: 2, axis: 1)
    }
    try expect([2, 3], [1, 7, 7, 4, 7, 7]) {
      let position = ($0.sum() * 100).converted(to: .int32)
      return $0.updated(at: position, with: .constant(7, [2, 2]), axis: 1)
    }
    try expect([2, 2], [3, 1, 4, 4]) { $0.takingAlong(axis: 1, .values([2, 0, 0, 0], [2, 2])) }
    try expect([1, 3], [4, 2, 6]) { $0.takingAlong(axis: 0, .values([1, 0, 1], [1, 3])) }
  }

  @Test func turnedAndReplaced() throws {
    try expect([2, 3], [3, 2, 1, 6, 5, 4]) { $0.reversed(axis: 1) }
    try expect([2, 2], [3, 6, 1, 4]) {
      matmul($0.reversed(axis: 1), .values([1, 0, 0, 0, 0, 1] as [Float], [3, 2])).transposed(1, 0)
    }
    try expect([2, 3], [1, 2, 3, 4, 5, 6]) {
      scatterUpdate($0 * 0, .values([0, 1], [2]), $0)
    }
  }

  @Test func order() throws {
    let row: (Shape, [Float]) = ([6], [2, .nan, -1, 2, .infinity, -0.0])
    try expect([6], [2, 5, 0, 3, 4, 1], { $0.argsort() }, of: row)
    try expect([6], [1, 4, 0, 3, 5, 2], { $0.argsort(descending: true) }, of: row)
    try expect([6], [-1, -0.0, 2, 2, .infinity, .nan], { $0.sorted().values }, of: row)
    try expect([2, 3], [4, 5, 6, 1, 2, 3]) { $0.sorted(axis: 0, descending: true).values }
    try expect([2, 2], [3, 2, 6, 5]) { $0.topK(2).values }
    try expect([1, 3], [1, 1, 1]) { $0.topK(1, axis: 0).positions }
    let long = (0..<1000).map { Float(($0 * 7919) % 1009) }
    try expect([1000], long.sorted().map(Double.init), { $0.sorted().values }, of: ([1000], long))
    try expect([9], long.sorted().reversed().prefix(9).map(Double.init), { $0.topK(9).values }, of: ([1000], long))
    try expect([0], [], { $0.sorted().values }, of: ([0], []))
  }

  /// A few of many are chosen, more of them come by sorting: the same positions, of equal elements, of zeros of either sign and of
  /// what is no number.
  @Test(arguments: [(1, 8), (2, 8), (3, 8), (7, 40), (10, 40), (11, 40), (0, 4)])
  func theFirstFewAreThoseOfTheWholeOrder(_ count: Int, _ extent: Int) throws {
    let some: [Float] = [2, .nan, -0.0, 0, .infinity, 2, -1, -.infinity, .nan, 0]
    let numbers = (0..<3 * extent).map { some[($0 * 7 + $0 / extent) % 10] }
    let shape: Shape = [3, extent]
    let whole = try TensorFunction(shape, numbers) { $0.argsort(descending: true) }.value().integers
    let expected = (0..<3).flatMap { whole[$0 * extent..<$0 * extent + count] }.map(Double.init)
    try expect([3, count], expected, { $0.topK(count).positions }, of: (shape, numbers))
    let columns: @Sendable (Tensor) -> Tensor = {
      $0.transposed(1, 0).topK(count, axis: 0).positions.transposed(1, 0)
    }
    try expect([3, count], expected, columns, of: (shape, numbers))
  }

  @Test func recurrences() throws {
    try expect([2, 3], [1, 3, 6, 4, 9, 15]) { $0.cumulativeSum(axis: 1) }
    try expect([2, 3], [1, 2, 3, 5, 7, 9]) { $0.cumulativeSum(axis: 0) }
    try expect([2, 3], [5, 3, 0, 11, 6, 0]) { $0.cumulativeSum(axis: -1, reversed: true, exclusive: true) }
    try expect([2, 3], [1, 2, 6, 4, 20, 120]) { $0.cumulativeProduct(axis: 1) }
    try expect([2, 3], [1, 1, 2, 1, 4, 20]) { $0.cumulativeProduct(axis: 1, exclusive: true) }
    try expect([2, 3], [6, 6, 3, 120, 30, 6]) { $0.cumulativeProduct(axis: 1, reversed: true) }
    try expect([3], [1, 2.5, 4.25], { linearRecurrence(.constant(0.5, [3]), $0, axis: 0) }, of: ([3], [1, 2, 3]))
    try expect(
      [3], [2.75, 3.5, 3], { linearRecurrence(.constant(0.5, [3]), $0, axis: 0, reversed: true) }, of: ([3], [1, 2, 3]))
    try expect([3], [2_147_483_647, -2_147_483_648, -2_147_483_647]) { _ in
      Tensor.values([Int32.max, 1, 1], [3]).cumulativeSum(axis: 0)
    }
  }

  @Test(arguments: 0..<10) func gradientsEqualDifferences(_ index: Int) throws {
    let functions: [@Sendable (Tensor) -> Tensor] = [
      { sin($0.slice(at: Self.position(1), length: 2, axis: 1)) },
      { sin($0.updated(at: Self.position(1), with: $0[0..., ..<2, 0...] * 3, axis: 1)) },
      { sin($0.takingAlong(axis: 1, .values([2, 0, 0, 1], [2, 1, 2]))) },
      { sin($0.sorted(axis: 1).values) * $0.topK(1).values },
      { sin($0.cumulativeSum(axis: 1)) + $0.cumulativeSum(axis: 2, reversed: true, exclusive: true) },
      { sin($0.cumulativeProduct(axis: 1)) * $0.cumulativeProduct(axis: 0, reversed: true, exclusive: true) },
      { sin(linearRecurrence($0, $0 * $0, axis: 1)) },
      { sin(linearRecurrence($0 * 2, sin($0), axis: 2, reversed: true)) },
      { sin($0.reversed(axis: 1)) * $0 },
      {
        sin(scatterUpdate($0, .values([1, 0, 1], [3]), stack([$0[0] * 2, $0[1] * 3, $0[0] * 5], axis: 0)))
      },
    ]
    let numbers = (0..<12).map { Float(($0 * 5) % 12) * 0.21 - 1.17 }
    let error = try TensorFunction([2, 3, 2], numbers, functions[index]).gradientError()
    #expect(error < 1e-6, "\(index): \(error)")
  }

  /// No gradient divides by a factor.
  @Test func productsOfZerosHaveGradients() throws {
    let gradient = try TensorFunction([4], [2, 0, 3, 0]) { $0.cumulativeProduct(axis: 0) }.gradient()
    // The loss is x0 + 2 x0 x1 + 3 x0 x1 x2 + 4 x0 x1 x2 x3.
    #expect(gradient == [1, 22, 0, 0])
  }

  @Test func mistakesAreNamed() {
    func expect(_ message: String, _ build: @escaping @Sendable (Inputs) -> Tensor) {
      let found = DraftedModel.message(build)
      #expect(found.contains("ModelingTests/TensorDynamicTests.swift:") && found.contains(": \(message)"), "\(found)")
    }
    expect("dynamic_slice.3: axis 0 of f32[2] has no range of 3") {
      $0("x", [2]).slice(at: $0("i", [], .int32), length: 3, axis: 0)
    }
    expect("dynamic_slice.2: needs a position i32[], got f32[]") {
      $0("x", [2]).slice(at: $0("i", []), length: 1, axis: 0)
    }
    expect("slice.axis: axis 1 is not there; the axes of f32[2] are -1...0") {
      $0("x", [2]).at($0("i", [], .int32), axis: 1)
    }
    expect("dynamic_update_slice.3: f32[3] is no part of f32[2] along axis 0") {
      $0("x", [2]).updated(at: $0("i", [], .int32), with: $0("y", [3]), axis: 0)
    }
    expect("take_along_axis.2: needs i32 positions whose shape is that of f32[2, 3] but for axis 1, got i32[3, 3]") {
      $0("x", [2, 3]).takingAlong(axis: 1, $0("i", [3, 3], .int32))
    }
    expect("topK.1: needs a number from 0 to 3, got 4") { $0("x", [2, 3]).topK(4).values }
    expect("argument_sort.1: needs rows of numbers, got bool[8]") { $0("x", [8], .bool).topK(2).positions }
    expect("argsort.axis: axis 9 is not there; the axes of f32[2, 3] are -2...1") {
      $0("x", [2, 3]).topK(-1, axis: 9).values
    }
    expect("take_along_axis.4") { $0("x", [1, 1 << 31], .bool).takingAlong(axis: 0, $0("i", [1, 1 << 31], .int32)) }
    expect("split.1: axis 0 of f32[2, 3] cannot be split into 1000000000 equal parts") {
      $0("x", [2, 3]).split(into: 1_000_000_000, axis: 0)[0]
    }
    expect("argument_sort.1: needs rows of numbers, got bool[3]") { $0("x", [3], .bool).argsort() }
    expect("linear_recurrence.2: needs two tensors of one type, got f32[2] and f32[3]") {
      linearRecurrence($0("a", [2]), $0("b", [3]), axis: 0)
    }
    expect("cumulative_sum.1: needs numbers, got bool[3]") { $0("x", [3], .bool).cumulativeSum(axis: 0) }
  }
}
