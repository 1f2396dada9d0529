import ArgumentParser
import Foundation
import Recurve
import RecurveCommands

/// A picture of words in a plane.
struct WordMapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "word-map", abstract: "Draws words in the plane along which their vectors differ most.")

  @OptionGroup var source: RunArgument
  @Option(help: "Words to draw, separated by commas; a slash begins the next color: king,duke/queen,duchess")
  var words: String?
  @Option(help: "Words, separated by commas, each drawn with those nearest to it in a color of its own.")
  var around: String?
  @Option(help: "Words in all; with --around, neighbours of each word. 60 without it, with --around 8.") var count: Int?
  @Option(name: .shortAndLong, help: "Picture to write, .svg or .png; words.svg in the folder of the run without it.")
  var output: String?
  @Flag(help: "Prints the places of the words as JSON.") var json = false

  private struct Place: Codable {
    var word: String
    var x: Double
    var y: Double
    var group: Int
  }

  func validate() throws {
    try ArgumentChecks.check("count", count, 1...1000)
    try ArgumentChecks.checkPicture("output", output, ["svg", "png"])
    if around?.split(separator: ",").isEmpty == true { throw ValidationError("--around needs words") }
    if let words {
      if words.split(whereSeparator: { ",/".contains($0) }).isEmpty { throw ValidationError("--words needs words") }
      if around != nil || count != nil { throw ValidationError("--words takes neither --around nor --count") }
    }
  }

  func run() throws {
    let space = try source.learned().space
    let map = try space.map(of: try groups(space))
    let path = output ?? defaultPath
    // Before the picture, which may fail.
    if json { try Output.json(map.points.map { Place(word: $0.name, x: $0.x, y: $0.y, group: $0.group) }) }
    try map.write(to: path)
    if !json { try Output.result("wrote \(path)") }
  }

  private func groups(_ space: WordSpace) throws -> [[String]] {
    func list(_ text: some StringProtocol) -> [String] {
      text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
    if let words { return words.split(separator: "/").map { list($0) } }
    guard let around else { return [Array(space.words.prefix(count ?? 60))] }
    return try space.surroundings(of: list(around), count: count ?? 8)
  }

  /// Beside the checkpoint where that was given.
  private var defaultPath: String {
    let url = URL(fileURLWithPath: source.run)
    let folder = source.run.hasSuffix(".safetensors") ? url.deletingLastPathComponent() : url
    return folder.appendingPathComponent("words.svg").path
  }
}

/// Vectors as a file that other programs read.
struct VectorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vectors", abstract: "Writes word vectors in the text format of word2vec, which gensim loads.",
    discussion: "In Python: gensim.models.KeyedVectors.load_word2vec_format(FILE)")

  @OptionGroup var source: RunArgument
  @Option(name: .shortAndLong, help: "File to write; standard output without it.") var output: String?
  @Flag(help: "Prints what was written as JSON; needs --output.") var json = false

  private struct Report: Codable {
    var output: String
    var words: Int
    var width: Int
  }

  func validate() throws {
    try ArgumentChecks.checkNoRunFile("output", output)
    try ArgumentChecks.checkOutput("output", output, isNone: [source.run])
    if json && output == nil { throw ValidationError("--json needs --output") }
  }

  func run() throws {
    let space = try source.learned().space
    try Output.write(space.text, to: output)
    guard let output else { return }
    if json { return try Output.json(Report(output: output, words: space.words.count, width: space.width)) }
    try Output.result("wrote \(space.words.count) vectors of \(space.width) numbers to \(output)")
  }
}
