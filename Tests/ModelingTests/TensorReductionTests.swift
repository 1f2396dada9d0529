import Recurve
import Testing

/// Reductions over one axis, over several and over all, with their edges.
@Suite struct TensorReductionTests {
  private func value(
    _ shape: Shape, _ numbers: [Float], _ function: @escaping @Sendable (Tensor) -> Tensor
  ) throws -> HostTensor {
    try TensorFunction(shape, numbers, function).value()
  }

  private static let cube: Shape = ["A": 2, "B": 3, "C": 2]
  private static let numbers: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]

  private func ofCube(_ function: @escaping @Sendable (Tensor) -> Tensor) throws -> HostTensor {
    try value(Self.cube, Self.numbers, function)
  }

  @Test func severalAxes() throws {
    #expect(try ofCube { $0.sum(axes: [0, -1]) }.isNear([3], [18, 26, 34]))
    #expect(try ofCube { $0.sum(axes: [2, 0], keepsAxes: true) }.isNear([1, 3, 1], [18, 26, 34]))
    #expect(try ofCube { $0.sum(axes: [0, 1, 2]) }.isNear([], [78]))
    #expect(try ofCube { $0.sum(axes: []) }.isNear(Self.cube, Self.numbers.map(Double.init)))
    #expect(try ofCube { $0.mean(axes: [0, 2]) }.isNear([3], [4.5, 6.5, 8.5]))
    #expect(try ofCube { $0.max(axes: [1, 2]) }.isNear([2], [6, 12]))
    #expect(try ofCube { $0.min(axes: [0, 1], keepsAxes: true) }.isNear([1, 1, 2], [1, 2]))
    #expect(try ofCube { $0.variance(axes: [0, 1, 2]) }.isNear([], [143.0 / 12], within: 1e-6))
    #expect(try value([0, 2], []) { $0.sum(axes: [0]) }.isNear([2], [0, 0]))
    #expect(try value([0, 2], []) { $0.mean(axes: [0, 1]) }.isNear([], [.nan]))
  }

  @Test func namesOfAxesStay() throws {
    let message = DraftedModel.message { inputs in
      let x = inputs("x", Self.cube)
      #expect("\(x.sum(axes: [0], keepsAxes: true).type)" == "f32[1, B=3, C=2]")
      #expect("\(x.sum(axes: [0, 2]).type)" == "f32[B=3]")
      #expect("\(x.product(axis: 1).type)" == "f32[A=2, C=2]")
      #expect("\(x.logSumExp(axis: 1).type)" == "f32[A=2, C=2]")
      #expect("\(x[0, 1...].type)" == "f32[B=2, C=2]")
      #expect("\(x.expanded(at: -1).type)" == "f32[A=2, B=3, C=2, 1]")
      #expect("\(matmul(x, inputs("w", ["C": 2, "D": 5])).type)" == "f32[A=2, B=3, D=5]")
      return x
    }
    #expect(message == "")
  }

  @Test func smallest() throws {
    let rows: [Float] = [3, 1, 2, 0, -0.0, 5, 1, .nan, -.infinity]
    let smallest = try value([3, 3], rows) { $0.min(axis: 1) }
    #expect(smallest.isIdentical(to: HostTensor([3], [Float(1), -0.0, .nan])))
    #expect(try value([3, 3], rows) { $0.min(axis: -1, keepsAxis: true) }.shape == [3, 1])
    #expect(try value([3, 3], rows) { $0.argmin(axis: 1) } == HostTensor([3], [Int32(1), 0, 1]))
    #expect(try value([3, 3], rows) { $0.argmin(axis: -2) } == HostTensor([3], [Int32(1), 2, 2]))
    #expect(try TensorFunction([2, 1, 1]) { $0.min(axis: 0) }.gradient().isNear([0, 0.5, 0.5]))
  }

  /// Far from 0 the squares would cancel.
  @Test func variance() throws {
    #expect(try value([2, 2], [1, 3, 10_001, 10_003]) { $0.variance(axis: 1) }.isNear([2], [1, 1]))
    #expect(try value([2, 2], [1, 3, 5, 7]) { $0.variance(axis: 0, keepsAxis: true) }.isNear([1, 2], [4, 4]))
    #expect(try value([2, 0], []) { $0.variance(axis: 1) }.isNear([2], [.nan, .nan]))
    #expect(try value([1], [.infinity]) { $0.variance(axis: 0) }.isNear([], [.nan]))
  }

  @Test func logarithmsOfSums() throws {
    let rows: [Float] = [1000, 1000, -1000, -1000, -.infinity, 2, -.infinity, -.infinity, .infinity, 0, .nan, 0]
    let two = 0.6931471805599453
    let sums = [1000 + two, -1000 + two, 2, -.infinity, .infinity, .nan]
    #expect(try value([6, 2], rows) { $0.logSumExp(axis: -1) }.isNear([6], sums, within: 1e-7))
    #expect(try value([6, 2], rows) { $0.logSumExp(axis: 1, keepsAxis: true) }.shape == [6, 1])
    #expect(try value([2, 0], []) { $0.logSumExp(axis: 1) }.isNear([2], [-.infinity, -.infinity]))
    let gradient = try TensorFunction([3, 2], [1000, 1000, -.infinity, 2, 0, .infinity]) { $0.logSumExp(axis: 1) }
      .gradient()
    #expect(gradient.isNear([0.5, 0.5, 0, 2, 0, .nan]))
  }

  @Test(arguments: 0..<12) func products(_ count: Int) throws {
    let numbers = (0..<count).map { Float($0 % 3) - 1.5 }
    let product = numbers.reduce(1) { $0 * Double($1) }
    #expect(try TensorFunction(numbers) { $0.product(axis: 0) }.value().isNear([], [product]))
    let others = numbers.indices.map { own in
      numbers.indices.reduce(1) { $0 * ($1 == own ? 1 : Double(numbers[$1])) }
    }
    #expect(try TensorFunction(numbers) { $0.product(axis: 0) }.gradient().isNear(others))
  }

  @Test func productsOfZerosAndWholeNumbers() throws {
    let zeros = TensorFunction([3, 3], [0, 2, 3, 0, 0, 5, .nan, 1, 1]) { $0.product(axis: -1) }
    #expect(try zeros.value().isNear([3], [0, 0, .nan]))
    #expect(try zeros.gradient().prefix(6).map { $0 } == [6, 0, 0, 0, 0, 0])
    #expect(try ofCube { $0.product(axis: 1, keepsAxis: true) }.isNear([2, 1, 2], [15, 48, 693, 960]))
    let whole = try value([2], [65_536, 65_537]) { $0.converted(to: .int32).product(axis: 0) }
    #expect(whole == HostTensor(.scalar, [Int32(65_536)]))
    #expect(try value([2, 0], []) { $0.product(axis: 1) }.isNear([2], [1, 1]))
    #expect(try value([2, 0], []) { $0.product(axis: 0) }.isNear([0], []))
  }

  @Test func allAndAny() throws {
    let rows: [Float] = [1, 1, 1, 0, 0, 0]
    func ofRows(_ function: @escaping @Sendable (Tensor) -> Tensor) throws -> HostTensor {
      try value([3, 2], rows) { function($0 .> 0) }
    }
    #expect(try ofRows { $0.all(axis: 1) } == HostTensor([3], .bool([true, false, false])))
    #expect(try ofRows { $0.any(axis: -1) } == HostTensor([3], .bool([true, true, false])))
    #expect(try ofRows { $0.all(axis: 0, keepsAxis: true) } == HostTensor([1, 2], .bool([false, false])))
    #expect(try ofRows { $0.any(axes: [0, 1], keepsAxes: true) } == HostTensor([1, 1], .bool([true])))
    #expect(try ofRows { $0.all() } == HostTensor(.scalar, .bool([false])))
    #expect(try ofRows { $0.any() } == HostTensor(.scalar, .bool([true])))
    #expect(try ofRows { $0.all(axes: []) } == HostTensor([3, 2], .bool(rows.map { $0 > 0 })))
    #expect(try value([2, 0], []) { ($0 .> 0).all(axis: 1) } == HostTensor([2], .bool([true, true])))
    #expect(try value([2, 0], []) { ($0 .> 0).any(axis: 1) } == HostTensor([2], .bool([false, false])))
  }
}
