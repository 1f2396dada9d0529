import Foundation
import Interchange
import TensorTypes
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  static let sample = SafetensorsFile(
    tensors: [
      "weights": HostTensor([2, 3], [1, -2.5, .infinity, 0, -0, .leastNonzeroMagnitude] as [Float]),
      "powers": HostTensor(.scalar, .float64([0.1])),
      "tokens": HostTensor([4], [1, -1, .max, .min] as [Int32]),
      "flags": HostTensor([3], .bool([true, false, true])),
      "nothing": HostTensor([0, 4], [] as [Float]),
    ], metadata: ["step": "12", "with/slash": "a \"quote\""])

  @Test func readsBackWhatItWrote() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/sample.safetensors"
      try Self.sample.write(to: path)
      let read = try SafetensorsFile(path: path)
      #expect(read.metadata == Self.sample.metadata)
      #expect(read.tensors.keys.sorted() == Self.sample.tensors.keys.sorted())
      for (name, tensor) in Self.sample.tensors {
        #expect(read.tensors[name]?.isIdentical(to: tensor) == true, "\(name)")
      }
    }
  }

  @Test func equalContentHasEqualBytesAndAnAlignedBody() throws {
    let bytes = try Self.sample.encoded()
    #expect(bytes == (try Self.sample.encoded()))
    #expect(bytes[0] % 8 == 0 && bytes[7] == 0)
  }

  @Test func writingReplacesAndLeavesNoOtherFile() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/sample.safetensors"
      try Data("old".utf8).write(to: URL(fileURLWithPath: path))
      try Self.sample.write(to: path)
      #expect(try SafetensorsFile(path: path) == Self.sample)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["sample.safetensors"])
    }
  }

  @Test func wideIntegersBecomeNarrowWhereTheyFit() throws {
    let entry = #"{"n":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}"#
    let fitting = file(entry, [5, 0, 0, 0, 0, 0, 0, 0] + Array(repeating: 255, count: 8))
    #expect(try SafetensorsFile(bytes: fitting).tensors["n"] == HostTensor([2], [5, -1] as [Int32]))
    let wide = file(entry, [0, 0, 0, 0, 1, 0, 0, 0] + Array(repeating: 0, count: 8))
    #expect(
      reason(wide)
        == "tensor 'n' holds 4294967296, which needs more than the 32 bits that integers have here")
  }

  @Test func eachFaultHasItsMessage() {
    #expect(reason(Data([1, 2, 3])) == "file is cut short: got 3 bytes, needed 8")
    #expect(reason(Data([9, 0, 0, 0, 0, 0, 0, 0, 123])) == "file is cut short: got 9 bytes, needed 17")
    #expect(
      reason(Data(Array(repeating: 255, count: 8)))
        == "header is not that of a safetensors file: its length is 18446744073709551615 bytes, "
        + "at most 100000000 are allowed")
    #expect(reason(file("[1]")) == "header is not that of a safetensors file: the header is not a JSON object")
    #expect(reason(file("nonsense")) == "header is not that of a safetensors file: it is no JSON: no value at byte 0")
    #expect(
      reason(file(#"{"w":{"dtype":"F32","shape":[1]}}"#))
        == "header is not that of a safetensors file: 'w' has no 'data_offsets'")
    #expect(
      reason(file(#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#))
        == "offsets of tensor 'w' must begin at 0, where the tensor before ends, and end within 0 bytes, got [0, 4]")
    #expect(
      reason(file(#"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,4]}}"#, [0, 0, 0, 0]))
        == "tensor 'w' is F32 [3], which needs 12 bytes, got 4")
    #expect(
      reason(file(#"{"w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#, [0, 0, 0, 0]))
        == "tensor 'w' has the element type BF16, needed F32, F64, I32, I64 or BOOL")
  }

  /// A good file is never replaced with one that cannot be read.
  @Test(
    arguments: [
      (HostTensor([2, 3], [1] as [Float]), "tensor 'w' is F32 [2, 3], which needs 24 bytes, got 4"),
      (HostTensor([0], .float64([1])), "tensor 'w' is F64 [0], which needs 0 bytes, got 8"),
      (
        HostTensor([-2, -1], [1, 2] as [Int32]),
        "cannot be written: tensor 'w' is [-2, -1], needs extents of at least 0"
      ),
      (
        HostTensor([Int.max, 2, 0], [] as [Float]),
        "tensor 'w' is F32 [\(Int.max), 2, 0], which has more than \(Int.max) bytes"
      ),
    ] as [(HostTensor, String)])
  func tensorsThatCannotBeReadBackAreNotWritten(_ tensor: HostTensor, _ problem: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/sample.safetensors"
      try Self.sample.write(to: path)
      #expect(error { try SafetensorsFile(tensors: ["w": tensor]).write(to: path) } == "\(path): \(problem)")
      #expect(try SafetensorsFile(path: path) == Self.sample)
    }
  }

  @Test func faultsOfThePathNameIt() throws {
    try withTemporaryFolder { folder in
      #expect(
        error { _ = try SafetensorsFile(path: folder + "/none") }
          == folder + "/none: needed a safetensors file, found no file")
      #expect(
        error { _ = try SafetensorsFile(path: folder) } == folder + ": needed a safetensors file, found a folder")
      let path = folder + "/missing/a.safetensors"
      #expect(
        error { try Self.sample.write(to: path) }
          == "\(path): cannot be written: there is no folder '\(folder)/missing'")
    }
  }

  private func file(_ header: String, _ body: [UInt8] = []) -> Data {
    Data([UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0]) + Data(header.utf8) + Data(body)
  }

  private func reason(_ bytes: Data) -> String? { error { _ = try SafetensorsFile(bytes: bytes) } }

  private func error(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch { return "\(error)" }
  }
}
