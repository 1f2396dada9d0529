import Foundation
import Reports
import TestSupport
import Testing

@testable import Diagrams

@Suite struct MemoryMapTests {
  private let map = SampleMemoryMap.training()

  @Test func pictureIsWellFormedAndTheSameEachTime() {
    #expect(WellFormedness.problem(in: Data(map.svg.utf8)) == nil)
    #expect(map.svg == SampleMemoryMap.training().svg)
  }

  @Test func everyIntervalIsARectangleWithATooltip() {
    let intervals = map.blocks.reduce(0) { $0 + $1.intervals.count }
    #expect(map.blocks.count == 100)
    #expect(map.svg.components(separatedBy: " at offset ").count - 1 == intervals)
  }

  @Test func liveBytesAndPeakFollowTheIntervals() {
    let small = MemoryMap(
      blocks: [
        .init(name: "a", byteOffset: 0, byteCount: 100, intervals: [0..<2, 3..<4], category: "weights"),
        .init(name: "b", byteOffset: 100, byteCount: 50, intervals: [1..<3], category: "activations"),
      ], phases: [], arenaByteCount: 160, lowerBoundByteCount: 150, title: "small")
    #expect(small.liveByteCounts == [100, 150, 50, 100])
    #expect(small.peakPosition == 1)
    #expect(small.blocks(at: 1).map(\.name) == ["a", "b"])
    #expect(small.summary == "arena 160 B, lower bound 150 B, 93.7 %")
    #expect(small.svg.contains("Peak 150 B at position 1"))
  }

  @Test func phasesInsideOfOthersAreLower() {
    #expect(map.phaseDepths == [0, 1, 1, 0, 0, 0, 0])
    #expect(map.svg.contains("deep recursion, detached × 2"))
  }

  @Test func emptyMapIsAPicture() {
    let empty = MemoryMap(
      blocks: [], phases: [], arenaByteCount: 0, lowerBoundByteCount: 0, title: "<nothing>")
    #expect(WellFormedness.problem(in: Data(empty.svg.utf8)) == nil)
  }

  @Test func writesFilesInTheFormatOfTheirExtension() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/map.svg"
      try map.write(to: path)
      #expect(FileManager.default.contents(atPath: path) == Data(map.svg.utf8))
    }
  }

  @Test func errorsNameTheFormatThePathAndTheTool() {
    let messages = [
      message { try map.write(to: "/tmp/map.bmp") }, message { try map.write(to: "/nowhere/map.svg") },
      message {
        let tool = ExternalTool("rsvg-convert", package: "librsvg2-bin", searchPath: "/nowhere")
        _ = try SVGConversion.convert(map.svg, to: "png", by: tool)
      },
    ]
    #expect(
      messages == [
        "picture format: found 'bmp', needed svg, png or pdf",
        "cannot write '/nowhere/map.svg': there is no folder '/nowhere'",
        "found no rsvg-convert on the search path; the package librsvg2-bin has it",
      ])
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (1_327_104, "1.33 MB"), (99_960_000, "100 MB"),
    (999_600_000, "1.00 GB"), (24_000_000, "24.0 MB"),
  ])
  func bytesHaveThreeDigits(byteCount: Int, text: String) { #expect(ByteText.short(byteCount) == text) }
}
