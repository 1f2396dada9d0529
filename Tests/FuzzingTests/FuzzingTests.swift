import Foundation
import GraphIR
import Operators
import TensorTypes
import TestSupport
import Testing

@testable import Fuzzing

/// The fixed part of what `Tools/fuzz` draws at random, and that it finds what it is there for.
@Suite struct FuzzingTests {
  @Test(arguments: 1..<9 as Range<UInt64>) func programsHaveNoFindings(_ seed: UInt64) throws {
    for tested in ProgramCases.cases(seed: seed, sizes: .small)
    where tested.check != .memory && tested.check != .races {
      let problems = try tested.problems()
      #expect(problems.isEmpty, "\(tested.text)\(problems.joined(separator: "\n"))")
    }
  }

  @Test(arguments: [FuzzCase.Check.memory, .races]) func sanitizersHaveNoFindings(_ check: FuzzCase.Check) throws {
    let program = RandomProgram(seed: 11)
    let configuration = Configuration(workerCount: 2, streams: .smallest)
    let tested = FuzzCase(check: check, configuration: configuration, data: program.data, graph: program.graph)
    let problems = try tested.problems()
    #expect(problems.isEmpty, "\(problems)")
  }

  @Test(arguments: SupportDriver.allCases) func supportHasNoFindings(_ driver: SupportDriver) throws {
    let problems = try driver.problems()
    #expect(problems.isEmpty, "\(problems)")
  }

  @Test func brokenFilesAreReadOrRefused() throws {
    let run = try ResumedRun()
    for kind in BrokenFile.allCases {
      for seed in 0..<25 as Range<UInt64> {
        let problems = try kind.problems(seed: seed, run)
        #expect(problems.isEmpty, "\(kind) \(seed): \(problems)")
      }
    }
  }

  /// Of some dozen programs with one fault at a random place each, at least one shows it.
  @Test(arguments: PlantedFault.Kind.allCases) func plantedFaultsAreFound(_ kind: PlantedFault.Kind) throws {
    let tests = (1..<40 as Range<UInt64>).lazy.map { seed in
      let program = RandomProgram(seed: seed)
      return FuzzCase(
        check: kind == .gradient ? .gradient : .backward, configuration: Configuration(streams: .never),
        data: program.data, fault: PlantedFault(kind, seed: seed), graph: program.graph)
    }
    var found = try #require(try tests.first { try !$0.problems().isEmpty })
    found.fault = nil
    #expect(try found.problems().isEmpty, "it is the fault that is found")
  }

  /// A batch that ends at once, or that does nothing, is a finding; what it says beside that is skipped.
  @Test(arguments: [
    ("exit 1", "the process ended with exit code 1"), ("kill -9 $$", "the process ended with signal 9"),
    ("exit 0", "the process looked at no case"), ("echo problem strange; exit 0", "strange"),
  ]) func batchesThatDoNothingAreFindings(_ end: String, _ problem: String) throws {
    let folder = try WorkFolder()
    let executable = folder.path("fuzzer")
    try "#!/bin/sh\necho '   '\necho\necho case\n\(end)\n".write(toFile: executable, atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: executable)
    var options = Campaign.Options(minutes: 0.05, seed: 1, executable: executable, folder: folder.path("findings"))
    options.plant = .kernel
    let campaign = try Campaign(options)
    #expect(try !campaign.run())
    #expect(campaign.findings.map(\.name) == ["program-batch-1000000"])
    #expect(campaign.findings.flatMap(\.problems) == [problem])
  }

  @Test func everyOperatorIsDrawn() {
    let rare = Coverage(Array(0..<300)).rareOperators
    #expect(rare.isEmpty, "\(rare)")
  }

  @Test func casesReadBack() throws {
    for tested in ProgramCases.cases(seed: 5, planting: .kernel) {
      let read = try FuzzCase(text: tested.text)
      #expect(read.text == tested.text)
      #expect(
        read.data.tensors(for: read.graph) == tested.data.tensors(for: tested.graph) || tested.data.hasSpecialValues)
    }
  }

  /// A program that uses a sine, in no loop of which something else remains, shrinks to that sine.
  @Test func shrinkingLeavesWhatFails() throws {
    let programs = (3..<100).lazy.map { RandomProgram(seed: $0) }
    let program = try #require(
      programs.first { program in
        let all = program.graph.operations.count { $0.name == "sine" }
        return all > 0 && program.graph[Graph.body].operations.count { program.graph[$0].name == "sine" } == all
      })
    let tested = FuzzCase(
      check: .text, configuration: Configuration(workerCount: 3), data: program.data, graph: program.graph)
    let small = Shrinker(seconds: 60) { $0.graph.operations.contains { $0.name == "sine" } }.shrunk(tested)
    #expect(small.graph.operations.count { $0.name == "sine" } == 1)
    #expect(small.graph.operations.count <= 2, "\(small.graph)")
    #expect(small.configuration == Configuration(fuses: false, streams: .never))
    #expect(small.graph.allViolations().isEmpty)
  }

  /// A row's result took the place of an operand that a later statement of the same row still read.
  @Test func whatALaterStatementReadsStays() throws {
    let text = #"""
      {"check":"backward","configuration":{"fuses":true,"hasLowThresholds":false,"isWatched":false,"optimization":3,"streams":"standard","workerCount":3},"dataSeed":3003032005,"hasSpecialValues":true}
      graph @random3003032005(
        weight %s70: f32[1, 1],
        weight %s55: f32[1, 1],
        weight %s27: f32[1, 1],
        weight %s25: f32[1, 1],
        weight %s6: f32[1, 1]) {
        %0 = add %s25, %s27 : f32[1, 1]
        %1, %2 = repeat %s6 {carries = 1, count = 1, gradient = "full", gradient_parameter = 0} : f32[1, 1], f32[1, 1, 1] (%step: i32[], %3: f32[1, 1]) {
          yield %3, %s55
        }
        %4 = sum %2 {axes = [0]} : f32[1, 1]
        %5 = add %s70, %1 : f32[1, 1]
        %6 = add %0, %1 : f32[1, 1]
        %7 = add %6, %4 : f32[1, 1]
        %8 = multiply %5, %5 : f32[1, 1]
        %9 = add %7, %8 : f32[1, 1]
        %10 = sum %9 {axes = [0, 1]} : f32[]
        return "loss" %10
      }
      """#
    #expect(try FuzzCase(text: text).problems() == [])
  }

  /// Rows were added to a product within the product's group, which has kernels and products only: a trap.
  @Test func rowsAreAddedOutsideOfGroups() throws {
    let text = #"""
      {"check":"backward","configuration":{"fuses":false,"hasLowThresholds":false,"isWatched":false,"optimization":1,"streams":"smallest","workerCount":1},"dataSeed":5005005002,"hasSpecialValues":false}
      graph @random5005005002(
        input %numbers_below_13: i32[13],
        input %input: f32[13, 18],
        weight %s112: f32[13, 18],
        weight %s101: f32[13, 18],
        weight %s11: f32[18, 18]) {
        %0, %1 = repeat %input {carries = 1, count = 2, gradient = "full", gradient_parameter = 0} : f32[13, 18], f32[2, 4, 13, 18] (%step: i32[], %2: f32[13, 18]) {
          %3, %4 = repeat %2 {carries = 1, count = 4, gradient = "full", gradient_parameter = 0} : f32[13, 18], f32[4, 13, 18] (%step_2: i32[], %5: f32[13, 18]) {
            %6 = dot %5, %s11 {left_batch = [], left_inner = [1], right_batch = [], right_inner = [0]} : f32[13, 18]
            %7 = scatter_add %6, %numbers_below_13, %s101 : f32[13, 18]
            yield %7, %7
          }
          yield %s112, %4
        }
        %8 = sum %1 {axes = [0, 1, 2, 3]} : f32[]
        return "loss" %8
      }
      """#
    #expect(try FuzzCase(text: text).problems() == [])
  }

  /// Floating-point results took the place of integers that the same kernel read; the compiler of C took memory of two types
  /// for two memories, and moved the reads behind the writes.
  @Test func integersAreReadBeforeTheirPlaceIsWritten() throws {
    let text = #"""
      {"check":"backward","configuration":{"fuses":true,"hasLowThresholds":false,"isWatched":false,"optimization":3,"streams":"never","workerCount":1},"dataSeed":1001023005,"hasSpecialValues":false}
      graph @random1001023005(
        weight %s79: f32[2, 1],
        weight %s47: f32[2],
        input %s41_below_2: i32[3, 4],
        weight %s32: f32[2, 1]) {
        %0, %1 = checkpoint : f32[2, 1], i32[3, 4] () {
          yield %s32, %s41_below_2
        }
        %2, %3 = checkpoint : f32[2, 1], f32[2, 1] () {
          %4 = reshape %1 {shape = [12]} : i32[12]
          %5 = slice %4 {axis = 0, end = 4, start = 0} : i32[4]
          %6 = reshape %5 {shape = [2, 2]} : i32[2, 2]
          %7 = convert %6 {element_type = f32} : f32[2, 2]
          %8 = broadcast %s47 {axes = [1], shape = [2, 2]} : f32[2, 2]
          %9 = reshape %8 {shape = [4]} : f32[4]
          %10 = reshape %9 {shape = [2, 2]} : f32[2, 2]
          %11 = sigmoid %10 : f32[2, 2]
          %12 = binary_cross_entropy %7, %11 : f32[2, 2]
          %13 = reshape %12 {shape = [4]} : f32[4]
          %14 = slice %13 {axis = 0, end = 2, start = 0} : f32[2]
          %15 = reshape %14 {shape = [2, 1]} : f32[2, 1]
          %16 = add %s79, %15 : f32[2, 1]
          yield %16, %16
        }
        %17 = sum %2 {axes = [0, 1]} : f32[]
        return "loss" %17
      }
      """#
    #expect(try FuzzCase(text: text).problems() == [])
  }
}
