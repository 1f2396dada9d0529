/// What is wrong with the text of a graph, and where.
public struct GraphSyntaxError: Error, Hashable, CustomStringConvertible {
  public var line: Int
  public var found: String
  public var needed: String

  public var description: String { "graph text, line \(line): found \(found), needed \(needed)" }
}
