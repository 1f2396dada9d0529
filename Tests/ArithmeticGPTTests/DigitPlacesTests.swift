import Recurve
import Testing

@testable import ArithmeticGPT
@testable import DecoderTransformer

/// Digits are placed within their numbers, whatever stands before these.
@Suite struct DigitPlacesTests {
  private static let layer = DigitPlaces(width: 4, digits: 0..<10, longest: 30, .normal(standardDeviation: 1))

  /// 543+876=3201: places of numbers, 0 for signs.
  @Test func placesBeginAnewInEveryNumber() throws {
    let tokens: [Int32] = [5, 4, 3, 10, 8, 7, 6, 14, 3, 2, 0, 1] + [10, 9, 9, 9, 14, 14, 0, 10, 1, 1, 1, 1]
    let store = try ParameterStore(Self.layer, seed: 1)
    let program = try store.program("places", CompilerOptions(workerCount: 1)) { io in
      ["places": Self.layer.places(of: io("tokens", [2, 12], .int32), nil)]
    }
    let found = try program(["tokens": HostTensor([2, 12], tokens)])["places"]?.integers
    #expect(found == [1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 4] + [0, 1, 2, 3, 0, 0, 1, 0, 1, 2, 3, 4])
  }
}
