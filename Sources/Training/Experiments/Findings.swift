/// What an experiment found: tables, pictures, checks, remarks.
public struct Findings: Codable, Sendable, Hashable {
  public var tables: [Table] = []
  public var pictures: [Picture] = []
  public var checks: [Check] = []
  /// Sentences, above all where what is measured contradicts what was promised.
  public var remarks: [String] = []

  public init() {}

  /// Whether every check holds.
  public var isPassed: Bool { checks.allSatisfy(\.isPassed) }

  /// Rows of cells under a header; the first column is text.
  public struct Table: Codable, Sendable, Hashable {
    public var title: String
    public var header: [String]
    public var rows: [[String]]

    public init(_ title: String, header: [String], rows: [[String]]) {
      self.title = title
      self.header = header
      self.rows = rows
    }
  }

  /// A drawing in the experiment's folder, as SVG and as PNG.
  public struct Picture: Codable, Sendable, Hashable {
    /// Without ending.
    public var name: String
    public var caption: String
  }

  /// A number that must lie on one side of another.
  public struct Check: Codable, Sendable, Hashable {
    public var text: String
    public var found: Double
    public var needed: Double
    public var isAtLeast: Bool

    public var isPassed: Bool { isAtLeast ? found >= needed : found <= needed }
  }

  /// Adds a check that a number is at least another one.
  public mutating func check(_ text: String, _ found: Double, atLeast needed: Double) {
    checks.append(Check(text: text, found: found, needed: needed, isAtLeast: true))
  }

  /// Adds a check that a number is at most another one.
  public mutating func check(_ text: String, _ found: Double, atMost needed: Double) {
    checks.append(Check(text: text, found: found, needed: needed, isAtLeast: false))
  }
}
