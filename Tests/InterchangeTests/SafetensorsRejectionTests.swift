import Foundation
import Interchange
import TensorTypes
import TestSupport
import Testing

/// Files that are nearly right: what is refused, and why.
@Suite struct SafetensorsRejectionTests {
  struct Sample: CustomStringConvertible {
    var name: String
    var bytes: Data
    /// The end of the message; nil for a file that is right.
    var problem: String?
    /// Whether the reference implementation lets it pass although it is refused here.
    var isStricter = false

    var description: String { name }

    init(_ name: String, _ header: String, _ body: Int = 0, _ problem: String? = nil, isStricter: Bool = false) {
      self.init(name, Data(header.utf8), body, problem, isStricter: isStricter)
    }

    init(_ name: String, _ header: Data, _ body: Int = 0, _ problem: String? = nil, isStricter: Bool = false) {
      self.name = name
      let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
      bytes = length + header + Data(count: body)
      self.problem = problem
      self.isStricter = isStricter
    }
  }

  private static func entry(_ begin: Int, _ end: Int, shape: String = "[1]", type: String = "F32") -> String {
    #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
  }

  private static func nested(_ levels: Int) -> String {
    #"{"a":{"x":"# + String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
      + #","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
  }

  private static func begin(_ name: String, _ begin: Int, _ available: Int, _ found: [Int]) -> String {
    "offsets of tensor '\(name)' must begin at \(begin), where the tensor before ends, and end within \(available) "
      + "bytes, got \(found)"
  }

  static let offsets: [Sample] = [
    Sample("one tensor", "{\"a\":\(entry(0, 4))}", 4),
    Sample("entries in any order", "{\"a\":\(entry(4, 8)),\"b\":\(entry(0, 4))}", 8),
    Sample("no tensor", "{}"),
    Sample("nothing twice", "{\"a\":\(entry(0, 0, shape: "[0]")),\"b\":\(entry(0, 0, shape: "[0]"))}"),
    Sample(
      "trailing bytes", "{\"a\":\(entry(0, 4))}", 8,
      "tensors must cover all bytes behind the header: they have 4, the file 8"),
    Sample("bytes without a tensor", "{}", 1, "they have 0, the file 1"),
    Sample("cut short", "{\"a\":\(entry(0, 4))}", 3, begin("a", 0, 3, [0, 4])),
    Sample("the same place", "{\"a\":\(entry(0, 4)),\"b\":\(entry(0, 4))}", 4, begin("b", 4, 4, [0, 4])),
    Sample(
      "overlap", "{\"a\":\(entry(0, 4)),\"b\":\(entry(2, 10, shape: "[2]"))}", 10, begin("b", 4, 10, [2, 10])),
    Sample("a hole", "{\"a\":\(entry(0, 4)),\"b\":\(entry(8, 12))}", 12, begin("b", 4, 12, [8, 12])),
    Sample("a hole in front", "{\"a\":\(entry(4, 8))}", 8, begin("a", 0, 8, [4, 8])),
    Sample("backwards", "{\"a\":\(entry(4, 0))}", 4, begin("a", 0, 4, [4, 0])),
    Sample(
      "nothing in the middle", "{\"a\":\(entry(0, 4)),\"b\":\(entry(2, 2, shape: "[0]"))}", 4,
      begin("b", 4, 4, [2, 2])),
    Sample("far away", "{\"a\":\(entry(0, Int.max))}", 4, begin("a", 0, 4, [0, Int.max])),
    Sample("other byte count", "{\"a\":\(entry(0, 8))}", 8, "tensor 'a' is F32 [1], which needs 4 bytes, got 8"),
    Sample(
      "too many elements", "{\"a\":\(entry(0, 0, shape: "[4294967296,4294967296]"))}", 0,
      "tensor 'a' is F32 [4294967296, 4294967296], which has more than \(Int.max) bytes"),
    Sample(
      "too many bytes", "{\"a\":\(entry(0, 0, shape: "[2305843009213693952]", type: "F64"))}", 0,
      "which has more than \(Int.max) bytes"),
  ]

  static let numbers: [Sample] = [
    Sample(
      "fraction", "{\"a\":\(entry(0, 4, shape: "[1.0]"))}", 4, "'a.shape' is not whole numbers from 0 to \(Int.max)"),
    Sample(
      "exponent", "{\"a\":\(entry(0, 4, shape: "[1e0]"))}", 4, "'a.shape' is not whole numbers from 0 to \(Int.max)"),
    Sample(
      "negative", "{\"a\":\(entry(0, 4, shape: "[-1,-1]"))}", 4, "'a.shape' is not whole numbers from 0 to \(Int.max)"),
    Sample(
      "beyond 64 bits", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999999]}}"#, 4,
      "'a.data_offsets' is not whole numbers from 0 to \(Int.max)"),
    Sample(
      "negative zero", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-0,4]}}"#, 4,
      "'a.data_offsets' is not whole numbers from 0 to \(Int.max)"),
    Sample("leading zero", "{\"a\":\(entry(0, 4, shape: "[01]"))}", 4, "it is no JSON: no ',' at byte 30"),
    Sample("no array", "{\"a\":\(entry(0, 4, shape: "null"))}", 4, "'a.shape' is not an array of whole numbers"),
    Sample(
      "three offsets", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}"#, 4,
      "'a.data_offsets' is not two numbers, but 3"),
    Sample(
      "one offset", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}}"#, 4,
      "'a.data_offsets' is not two numbers, but 1"),
  ]

  static let members: [Sample] = [
    Sample("other members", #"{"a":{"x":{"y":[1]},"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4),
    Sample("no name", "{\"\":\(entry(0, 4))}", 4),
    Sample("no notes", "{\"__metadata__\":null,\"a\":\(entry(0, 4))}", 4),
    Sample("no type", #"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, 4, "'a' has no 'dtype'"),
    Sample("no shape", #"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, 4, "'a' has no 'shape'"),
    Sample(
      "another type", "{\"a\":\(entry(0, 4, type: "f32"))}", 4,
      "'a' has the element type f32, needed F32, F64, I32, I64 or BOOL"),
    Sample(
      "a name twice", "{\"a\":\(entry(0, 4)),\"a\":\(entry(0, 4))}", 4, "the header has 'a' twice", isStricter: true),
    Sample("a name at two places", "{\"a\":\(entry(0, 4)),\"a\":\(entry(4, 8))}", 8, "the header has 'a' twice"),
    Sample(
      "a member twice", #"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4,
      "'a' has 'dtype' twice"),
    Sample("notes twice", #"{"__metadata__":{},"__metadata__":{}}"#, 0, "the header has '__metadata__' twice"),
    Sample(
      "a note twice", #"{"__metadata__":{"n":"1","n":"2"}}"#, 0, "'__metadata__' has 'n' twice", isStricter: true),
    Sample("a note that is a number", #"{"__metadata__":{"n":1}}"#, 0, "'__metadata__.n' is not a string"),
    Sample("notes in an array", #"{"__metadata__":[]}"#, 0, "'__metadata__' is not a JSON object"),
    Sample("an array", "[1]", 0, "the header is not a JSON object"),
  ]

  static let texts: [Sample] = [
    Sample("spaces around", "  {\"a\":\(entry(0, 4))}\n\t\r ", 4),
    Sample("a surrogate pair", "{\"\\ud83d\\ude00\":\(entry(0, 4))}", 4),
    Sample("an escaped control character", "{\"\\u0000\\n\":\(entry(0, 4))}", 4),
    Sample("a hundred levels", nested(100), 4),
    Sample("two hundred levels", nested(200), 4, "it is no JSON: more than 128 levels at byte 136"),
    Sample("nothing", "", 0, "it is no JSON: no value at byte 0"),
    Sample("zeros behind", "{}\0\0", 0, "it is no JSON: text after the value at byte 2"),
    Sample("text behind", "{}{}", 0, "it is no JSON: text after the value at byte 2"),
    Sample("a comma behind", "{\"a\":\(entry(0, 4)),}", 4, "no '\"' at byte 54"),
    Sample("a mark in front", "\u{FEFF}{}", 0, "it is no JSON: no value at byte 0"),
    Sample("16 bits", Data("{}".utf8.flatMap { [$0, 0] }), 0, "it is no JSON: no '\"' at byte 1"),
    Sample("no UTF-8", Data([0x7B, 0x22, 0xFF, 0x22, 0x7D]), 0, "it is no JSON: it is not UTF-8 at byte 0"),
    Sample("half a pair", #"{"\ud800":1}"#, 0, "it is no JSON: half of a surrogate pair at byte 8"),
    Sample("a control character", "{\"\u{1}\":1}", 0, "it is no JSON: a control character in a string at byte 3"),
    Sample("an unknown escape", #"{"\x":1}"#, 0, "it is no JSON: an unknown escape at byte 4"),
    Sample("no end", #"{"a"#, 0, "it is no JSON: a string without an end at byte 3"),
    Sample("a plus", #"{"a":+1}"#, 0, "it is no JSON: no value at byte 5"),
  ]

  static let all: [Sample] = offsets + numbers + members + texts

  @Test(arguments: all) func isReadOrRefused(_ sample: Sample) {
    var found: String?
    do { _ = try SafetensorsFile(bytes: sample.bytes) } catch { found = "\(error)" }
    guard let problem = sample.problem else { return #expect(found == nil) }
    #expect(found?.hasSuffix(problem) == true, "found \(found ?? "nothing")")
  }

  @Test func noTensorTakesTheNameOfTheNotes() {
    let file = SafetensorsFile(tensors: ["__metadata__": HostTensor(.scalar, [1 as Float])])
    #expect(throws: (any Error).self) { try file.encoded() }
  }
}

/// The reference implementation decides the same about every sample, where Python has it.
@Suite(.enabled(if: PythonSafetensors.isAvailable)) struct PythonRejectionTests {
  @Test func itsRejectionsAreOurs() throws {
    try withTemporaryFolder { folder in
      for (number, sample) in SafetensorsRejectionTests.all.enumerated() {
        try sample.bytes.write(to: URL(fileURLWithPath: "\(folder)/\(number)"))
      }
      let program = """
        import os, safetensors
        accepted = []
        for name in os.listdir("\(folder)"):
          try:
            safetensors.deserialize(open("\(folder)/" + name, "rb").read())
            accepted.append(name)
          except Exception:
            pass
        open("\(folder)/accepted", "w").write(" ".join(accepted))
        """
      #expect(try PythonSafetensors.run(program) == 0)
      let text = try String(contentsOfFile: folder + "/accepted", encoding: .utf8)
      let accepted = Set(text.split(separator: " ").compactMap { Int($0) })
      for (number, sample) in SafetensorsRejectionTests.all.enumerated() {
        #expect(accepted.contains(number) == (sample.problem == nil || sample.isStricter), "\(sample.name)")
      }
    }
  }
}
