import TensorTypes
import Testing

@Suite struct HostTensorTests {
  /// Zeros keep their signs; what sign a NaN has means nothing.
  @Test func identicalTensorsDifferInNaNsAtMost() {
    let tensor = HostTensor([2], .float32([1, .nan]))
    #expect(tensor.isIdentical(to: HostTensor([2], .float32([1, -.nan]))))
    #expect(!tensor.isIdentical(to: HostTensor([2], .float32([1, 0]))))
    #expect(!tensor.isIdentical(to: HostTensor([2], .float32([1.0000001, .nan]))))
    #expect(!tensor.isIdentical(to: HostTensor([2, 1], .float32([1, .nan]))))
    #expect(!tensor.isIdentical(to: HostTensor([2], .float64([1, .nan]))))
    #expect(!HostTensor([1], .float64([0])).isIdentical(to: HostTensor([1], .float64([-0.0]))))
    #expect(HostTensor([1], .float64([-.nan])).isIdentical(to: HostTensor([1], .float64([.nan]))))
    #expect(!HostTensor([1], .int32([1])).isIdentical(to: HostTensor([1], .int32([2]))))
  }
}

extension HostTensorTests {
  /// Integers are numbers without their fractions; beyond their range the nearest one, 0 for NaN.
  @Test func conversionsSaturate() {
    let tensor = HostTensor([6], .float64([.nan, 3e9, -.infinity, -1.9, 2_147_483_647.9, -2_147_483_648.9]))
    #expect(tensor.integers == [0, .max, .min, -1, .max, .min])
    #expect(tensor.converted(to: .bool).storage == .bool([true, true, true, true, true, true]))
    #expect(HostTensor(TensorType(.int32, [1]), repeating: -3e9).integers == [.min])
  }
}
