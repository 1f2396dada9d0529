import Diagrams
import Foundation
import GraphIR
import StandardStreams
import TensorTypes

/// A small graph whose names are made of what ends quotes, lines and paths, or controls who shows them.
struct HostileNames {
  private var random: CounterRandom
  private var names: [String] = []

  private static let pieces: [String] = [
    "\"", "'", "`", "\\", "\u{301}", "\u{1B}[31m", "\u{9B}2J", "\u{7}", "\u{0}", "\u{202E}", "\u{2066}", "\n", "\r\n",
    "\t",
    "\u{2028}", "..", "/", "|", "&lt;", "&", "<b>", ">", "$(x)", ";", "{", "}", "%", "#", "é", "名", "a", "7", " ",
    "\\N", "\\n",
    "\u{FFFE}", "\u{FEFF}", "]]>", "-->",
  ]

  init(seed: UInt64) {
    random = CounterRandom(seed: seed)
    for _ in 0..<5 { names.append(drawn()) }
  }

  /// Of up to seven pieces; sometimes of none.
  private mutating func drawn() -> String {
    var name = ""
    for _ in 0..<(random.next() % 8) { name += Self.pieces[Int(random.next() % UInt64(Self.pieces.count))] }
    return name
  }

  private var graph: Graph {
    var graph = Graph(name: names[0])
    let type = TensorType(.float32, [2])
    let x = graph.addParameter(type, name: names[1], role: .input)
    let scope = graph.addScope(names[2], parent: 0)
    let negation = graph.append(
      "negate", [x], resultTypes: [type], annotation: Graph.Annotation(scope: scope), to: Graph.body)
    graph[graph[negation].results[0]].name = names[3]
    graph.addResult(graph[negation].results[0], name: names[4])
    return graph
  }

  /// What of the names is lost, or is more than text; empty where nothing is.
  func problems() -> [String] {
    let checks: [(String, () throws -> Bool)] = [
      ("the text of the graph", readsBack), ("DOT", drawsText), ("JSON", staysJSON), ("gnuplot", staysQuoted),
    ]
    return checks.compactMap { name, holds -> String? in
      do { return try holds() ? nil : "\(name) does not hold the names \(names)" } catch {
        return "\(name) of the names \(names): \(error)"
      }
    }
  }

  private func readsBack() throws -> Bool {
    let read = try Graph(parsing: graph.description)
    return Self.equal([read.name, read.resultRoles[0].name], [names[0], names[4]])
      && Self.equal([read.description], [graph.description])
  }

  private func drawsText() throws -> Bool {
    let dot = GraphDiagram(graph, options: GraphDiagram.Options(expand: true), kind: { _ in .elementwise }).dot
    let svg = try GraphvizRenderer.render(dot: dot, format: "svg")
    return Self.isText(dot) && Self.isText(String(decoding: svg, as: UTF8.self))
  }

  private func staysJSON() throws -> Bool {
    let json = Quoting.json(String(decoding: try JSONEncoder().encode(names), as: UTF8.self))
    let read = try JSONDecoder().decode([String].self, from: Data(json.utf8))
    return Self.isText(json) && Self.equal(read, names)
  }

  /// Only the first and the last quotation mark are marks; octal escapes stand for the rest.
  private func staysQuoted() -> Bool {
    names.allSatisfy { name in
      let text = Quoting.gnuplot(name)
      let scalars = text.unicodeScalars
      let inside = scalars.dropFirst().dropLast()
      return Self.isText(text) && scalars.first == "\"" && scalars.last == "\""
        && !inside.contains { "\"'`\n$;|".unicodeScalars.contains($0) }
    }
  }

  /// By scalars: a mark that combines is a part of the text.
  private static func equal(_ first: [String], _ second: [String]) -> Bool {
    first.count == second.count && zip(first, second).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
  }

  private static func isText(_ text: String) -> Bool { text.utf8.elementsEqual(Quoting.lines(text).utf8) }
}
