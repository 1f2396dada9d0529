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
