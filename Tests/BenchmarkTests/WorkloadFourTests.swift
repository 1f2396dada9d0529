import Recurve
import Testing

@testable import recurve_benchmark

/// Elements of the memory-bound programs' results are those that NumPy gets in double precision.
@Suite struct WorkloadFourTests {
  /// Elements 0, 1, 1023 and 1024, which do not depend on the number of rows.
  static let expected = [
    "rmsnorm": [1.3346622098278127, -0.3995239501933688, -0.4417346560348366, 1.3933756595367361],
    "swiglu": [0.37152905287207516, 0.04179472507426541, -0.15662511799840464, -0.007363845478665489],
    "softmax": [0.00013186938066345432, 0.00028375973849290796, 0.00016993504984618064, 0.00011806269041180846],
    "chain": [0.0004450417893138639, 0.0008043954555174589, 0.0007065115686173378, 0.0008186722508771258],
    "adamw": [0.5478319724061486, 0.8853953053363165, -0.8453316867731961, -0.8042450816270449],
  ]

  @Test func samplesEqualThePeers() throws {
    let arguments = ["--rows", "4", "--elements", "2048", "--seconds", "0", "--threads", "1"]
    let report = try WorkloadFour.parse(arguments).measure()
    #expect(Set(report.kernels.keys) == Set(Self.expected.keys))
    for (kernel, numbers) in Self.expected {
      for (found, number) in zip(report.kernels[kernel]?.sample ?? [], numbers) {
        #expect(abs(found - number) <= 2e-6 * abs(number), "\(kernel)")
      }
    }
    #expect(abs((report.kernels["softmax"]?.sum ?? 0) - 4) < 1e-5, "rows of a softmax sum to 1")
  }

  @Test func trafficIsCountedOnce() {
    let sizes = MemoryBoundSizes()
    #expect(MemoryBoundKernel.softmax.compulsoryBytes(sizes) == 64 << 20)
    #expect(MemoryBoundKernel.chain.compulsoryBytes(sizes) == 96 << 20)
    #expect(MemoryBoundKernel.adamw.compulsoryBytes(sizes) == 280_000_000)
  }
}
