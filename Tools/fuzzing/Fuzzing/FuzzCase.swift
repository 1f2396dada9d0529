import Differentiation
import Foundation
import GraphIR
import Operators
import ReferenceEvaluation
import StandardStreams
import TensorTypes
import TestSupport

/// One program and what is asked of it: all that is needed to see a finding again.
public struct FuzzCase: Sendable {
  public var check: Check
  public var configuration: Configuration
  public var data: RandomData
  public var fault: PlantedFault?
  /// Before differentiation.
  public var graph: Graph

  public enum Check: String, Hashable, Sendable, Codable, CaseIterable {
    /// The text of the graph reads back as the graph.
    case text
    /// The compiled program has the bits of the reference evaluation.
    case forward
    /// The same of the program with the gradients of its first result.
    case backward
    /// Gradients are central differences, in double precision.
    case gradient
    /// The exact gradient modes have the bits of `full`.
    case modes
    /// The kernels stay inside of buffers of exactly their size, without undefined behaviour.
    case memory
    /// The shares of a launch do not race.
    case races
  }

  /// What is wrong; empty where nothing is.
  public func problems() throws -> [String] {
    let violations = graph.allViolations()
    guard violations.isEmpty else { return violations.map { "\($0)" } }
    switch check {
    case .text: return try textProblems()
    case .forward: return try ProgramCheck(graph, data.tensors(for: graph)).problems(configuration, planting: fault)
    case .backward:
      let whole = try graph.withGradients()
      return try ProgramCheck(whole, data.tensors(for: whole)).problems(configuration, planting: fault)
    case .gradient: return try GradientComparison(graph, data, fault).problems()
    case .modes: return try modeProblems()
    case .memory: return try SanitizedProgram(self, .addresses).problems()
    case .races: return try SanitizedProgram(self, .threads).problems()
    }
  }

  private func textProblems() throws -> [String] {
    let read = try Graph(parsing: graph.description)
    return read == graph && read.allViolations().isEmpty ? [] : ["the text of the graph reads back as another graph"]
  }

  private func modeProblems() throws -> [String] {
    let tensors = data.tensors(for: graph)
    func results(_ mode: (Int) -> GradientMode) throws -> [HostTensor] {
      ReferenceEvaluator.evaluate(try graph.withGradientModes(mode).withGradients(), tensors)
    }
    let full = try results { _ in .full }
    let exact: [(String, (Int) -> GradientMode)] = [
      ("last(T)", { .last($0) }), ("checkpointed", { .checkpointed(every: max(1, ($0 + 1) / 2)) }),
      ("revolve of one", { _ in .revolve(slots: 1) }), ("revolve", { .revolve(slots: max(1, $0 - 2)) }),
    ]
    return try exact.flatMap { name, mode in
      try zip(results(mode), full).enumerated().compactMap { index, pair in
        pair.0.isIdentical(to: pair.1) ? nil : "\(name), result \(index): \(pair.0.firstDifference(from: pair.1))"
      }
    }
  }
}

extension Graph {
  /// Every loop with a static trip count under another gradient mode, chosen by that count.
  func withGradientModes(_ mode: (Int) -> GradientMode) -> Graph {
    var graph = self
    for index in graph.operations.indices {
      guard case .loop = graph.operations[index].used.semantics, !graph.operations[index].attributes.flag("bounded")
      else { continue }
      for (name, value) in mode(graph.operations[index].attributes.integer("count")).attributes {
        graph.operations[index].attributes[name] = value
      }
    }
    return graph
  }
}

extension FuzzCase {
  private struct Header: Codable {
    var check: Check
    var configuration: Configuration
    var dataSeed: UInt64
    var hasSpecialValues: Bool
    var fault: PlantedFault?
  }

  /// One line of options, then the text of the graph.
  public var text: String {
    let header = Header(
      check: check, configuration: configuration, dataSeed: data.seed, hasSpecialValues: data.hasSpecialValues,
      fault: fault)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let line = (try? encoder.encode(header)).map { Quoting.json(String(decoding: $0, as: UTF8.self)) } ?? ""
    return line + "\n" + graph.description
  }

  public init(text: String) throws {
    let end = text.firstIndex(of: "\n") ?? text.endIndex
    let header = try JSONDecoder().decode(Header.self, from: Data(text[..<end].utf8))
    self.init(
      check: header.check, configuration: header.configuration,
      data: RandomData(seed: header.dataSeed, hasSpecialValues: header.hasSpecialValues), fault: header.fault,
      graph: try Graph(parsing: String(text[end...])))
  }
}
