import Foundation
import Recurve
import Testing

/// The functions of single elements, against numbers computed by hand.
@Suite struct TensorNamesTests {
  @Test func functionsOfOneElement() throws {
    let numbers: [Float] = [-1.5, -0.0, 0, 0.5, 2.5, .infinity, -.infinity, .nan]
    func value(_ function: @escaping @Sendable (Tensor) -> Tensor) throws -> HostTensor {
      try TensorFunction(numbers, function).value()
    }
    #expect(try value { floor($0) }.isNear([8], [-2, 0, 0, 0, 2, .infinity, -.infinity, .nan]))
    #expect(try value { sign($0) }.isIdentical(to: HostTensor([8], [Float(-1), -0.0, 0, 1, 1, 1, -1, .nan])))
    let errors = [-0.9661051464753108, 0, 0, 0.5204998778130465, 0.9995930479825550, 1, -1, .nan]
    #expect(try value { erf($0) }.isNear([8], errors, within: 1e-6))
    let logarithms = [.nan, 0, 0, 0.4054651081081644, 1.252762968495368, .infinity, .nan, .nan]
    #expect(try value { log1p($0) }.isNear([8], logarithms, within: 1e-6))
    #expect(try value { log1p($0 * 2e-9) }.doubles[3] == Double(Float(1e-9)))
    let angles = try TensorFunction([1, -1, 0, -1]) { atan2($0, $0[[2, 0, 3, 1]]) }.value()
    let quarter = Double.pi / 4
    #expect(angles.isNear([4], [2 * quarter, -quarter, 4 * quarter, -3 * quarter], within: 1e-6))
    let infinite = try TensorFunction([.infinity, -.infinity, -0.0, .nan]) { atan2($0, abs($0)) }.value()
    #expect(infinite.isNear([4], [quarter, -quarter, 0, .nan], within: 1e-6))
  }

  @Test func softplusNeitherOverflowsNorVanishes() throws {
    let function = TensorFunction([0, 1, -1, 100, -80, .infinity, -.infinity, .nan]) { softplus($0) }
    let values = [0.6931471805599453, 1.3132616875182228, 0.31326168751822286, 100, 1.8048513878454153e-35, .infinity]
    #expect(try function.value().isNear([8], values + [0, .nan], within: 1e-6))
    let slopes = [0.5, 2 * 0.7310585786300049, 3 * 0.2689414213699951, 4, 5 * 1.8048513878454153e-35, 6, 0, .nan]
    #expect(try function.gradient().isNear(slopes, within: 1e-6))
  }

  @Test func numbersOnEitherSide() throws {
    let numbers: [Float] = [-2, 0, 3, .nan]
    func value(_ function: @escaping @Sendable (Tensor) -> Tensor) throws -> [Double] {
      try TensorFunction(numbers, function).value().doubles
    }
    #expect(try value { maximum($0, 1) }.isNear([1, 1, 3, .nan]))
    #expect(try value { maximum(1, $0) }.isNear([1, 1, 3, .nan]))
    #expect(try value { minimum($0, 1) }.isNear([-2, 0, 1, .nan]))
    #expect(try value { select($0 .> 0, $0, 7) }.isNear([7, 7, 3, 7]))
    #expect(try value { select($0 .> 0, 7, $0) }.isNear([-2, 0, 7, .nan]))
    #expect(try value { minimum(1, $0) }.isNear([-2, 0, 1, .nan]))
    #expect(try value { maximum($0, .nan) }.isNear([.nan, .nan, .nan, .nan]))
    #expect(try value { power($0, 2) }.isNear([4, 0, 9, .nan]))
    #expect(try value { power($0, 0.5) }.isNear([.nan, 0, 3.squareRoot(), .nan], within: 1e-6))
    #expect(try value { power(2, $0) }.isNear([0.25, 1, 8, .nan]))
    #expect(try value { $0.clamped(to: -1...2) }.isNear([-1, 0, 2, .nan]))
    #expect(try value { $0.clamped(to: 0 ... .infinity) }.isNear([0, 0, 3, .nan]))
    let whole = try TensorFunction([-2, 7]) { $0.converted(to: .int32).clamped(to: 0...5) }.value()
    #expect(whole == HostTensor([2], [Int32(0), 5]))
  }

  /// At an end of the range half of the slope.
  @Test func slopesOfClamped() throws {
    let clamped = TensorFunction([-2, -1, 0.5, 2, 3, .nan]) { $0.clamped(to: -1...2) }
    #expect(try clamped.gradient().isNear([0, 1, 3, 2, 0, .nan]))
  }

  @Test func comparisons() throws {
    let differ = TensorFunction([1, 2, .nan, -0.0]) { $0 .!= $0[[0, 0, 2, 3]] }
    #expect(try differ.value() == HostTensor([4], .bool([false, true, true, false])))
    let fromNumber = TensorFunction([1, 2, .nan, -0.0]) { $0 .!= 0 }
    #expect(try fromNumber.value() == HostTensor([4], .bool([true, true, true, false])))
  }

  @Test func booleans() throws {
    func value(_ function: @escaping @Sendable (_ a: Tensor, _ b: Tensor) -> Tensor) throws -> HostTensor {
      try TensorFunction([0, 1, 2, 3]) { function($0 .> 1, ($0 .== 1) .| ($0 .== 3)) }.value()
    }
    let conjunction = HostTensor([4], .bool([false, false, false, true]))
    #expect(try value { $0 .& $1 } == conjunction)
    #expect(try value { and($0, $1) } == conjunction)
    let disjunction = HostTensor([4], .bool([false, true, true, true]))
    #expect(try value { $0 .| $1 } == disjunction)
    #expect(try value { or($0, $1) } == disjunction)
    let negation = HostTensor([4], .bool([true, true, false, false]))
    #expect(try value { a, _ in .!a } == negation)
    #expect(try value { a, _ in not(a) } == negation)
    let between = TensorFunction([0, 1, 2, 3]) { $0 .> 0 .& $0 .< 2 .| $0 .== 3 }
    #expect(try between.value() == HostTensor([4], .bool([false, true, false, true])))
    let repeated = TensorFunction([2, 1], [0, 1]) { ($0 .> 0) .& ($0.reshaped(to: [2]) .== 0) }
    #expect(try repeated.value() == HostTensor([2, 2], .bool([false, false, true, false])))
  }

  @Test func logarithmsOfSoftmax() throws {
    let rows: [Float] = [1000, 0, 1001, 0, 0, -.infinity, .nan, 0, 0, -.infinity, -.infinity, -.infinity]
    let found = try TensorFunction([4, 3], rows) { logSoftmax($0) }.value()
    let two = -0.6931471805599453
    let values = [-1.3132616875182228, -1001.3132616875182, -0.31326168751822286, two, two, -.infinity]
    #expect(found.isNear([4, 3], values + Array(repeating: .nan, count: 6), within: 1e-6))
    #expect(try TensorFunction([2, 0], []) { logSoftmax($0) }.value().isNear([2, 0], []))
    let gradient = try TensorFunction([1, 3], [0, 0, -.infinity]) { logSoftmax($0) }.gradient()
    #expect(gradient.isNear([1 - 6 * 0.5, 2 - 6 * 0.5, 3], within: 1e-6))
  }
}

extension Tensor {
  /// Elements of a vector in another order.
  fileprivate subscript(_ order: [Int]) -> Tensor { concatenate(order.map { self[$0...$0] }, axis: 0) }
}
