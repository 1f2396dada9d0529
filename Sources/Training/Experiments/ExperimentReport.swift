import Foundation
import Reports
import StandardStreams

/// Many experiments as one document: Markdown, or one offline HTML file.
public struct ExperimentReport {
  public let title: String
  /// With the idea of each.
  public let parts: [(experiment: Experiment, result: ExperimentResult)]

  public init(title: String, parts: [(experiment: Experiment, result: ExperimentResult)]) {
    self.title = title
    self.parts = parts
  }

  private var summary: Findings.Table {
    Findings.Table(
      "", header: ["", "example", "promised", "measured", "needed", ""],
      rows: parts.flatMap { part in
        part.result.findings.checks.enumerated().map { index, check in
          [
            index == 0 ? part.result.name : "", index == 0 ? part.result.title : "",
            index == 0 ? part.result.promise : "", "\(check.text): \(Findings.Check.number(check.found))",
            "\(check.isAtLeast ? "at least" : "at most") \(Findings.Check.number(check.needed))",
            check.isPassed ? "pass" : "FAIL",
          ]
        }
      })
  }

  private func heading(_ result: ExperimentResult) -> String { "\(result.name): \(result.title)" }

  private func foot(_ result: ExperimentResult) -> String {
    "\(result.seeds.count) seeds, \(TextTable.seconds(result.seconds)); numbers are medians unless said otherwise."
  }

  // MARK: Markdown

  /// - Parameter folder: where the experiments' folders are, as seen from the document.
  public func markdown(folder: String = ".") -> String {
    var lines = ["# \(Quoting.markdown(title))", "", Self.markdown(summary)]
    for (experiment, result) in parts {
      lines += ["## \(Quoting.markdown(heading(result)))", "", Self.markdown(experiment.idea), ""]
      lines += ["*Promised:* \(Self.markdown(result.promise))", ""]
      for table in result.findings.tables {
        lines += ["**\(Quoting.markdown(table.title))**", "", Self.markdown(table)]
      }
      for picture in result.findings.pictures {
        let caption = Quoting.markdown(picture.caption)
        lines += ["![\(caption)](\(folder)/\(experiment.name)/\(picture.name).svg)", "", "*\(caption)*", ""]
      }
      for remark in result.findings.remarks { lines += [Self.markdown(remark), ""] }
      lines += result.findings.checks.map { "- \(Self.markdown($0.text(withMark: true)))" } + ["", foot(result), ""]
    }
    return lines.joined(separator: "\n")
  }

  /// A paragraph.
  private static func markdown(_ text: String) -> String { Quoting.markdown(text.replacing("\n", with: " ")) }

  private static func markdown(_ table: Findings.Table) -> String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map(Quoting.markdown).joined(separator: " | ") + " |"
    }
    let rule = "|" + String(repeating: "---|", count: table.header.count)
    return ([line(table.header), rule] + table.rows.map(line)).joined(separator: "\n") + "\n"
  }

  // MARK: HTML

  /// One file with every picture in it.
  ///
  /// - Parameter folder: where the experiments' folders are.
  /// - Throws: when a picture cannot be read.
  public func html(folder: String) throws -> String {
    var body = "<h1>\(Quoting.xml(title))</h1>\n" + Self.html(summary)
    for (experiment, result) in parts {
      body += "<h2>\(Quoting.xml(heading(result)))</h2>\n" + Self.paragraph(experiment.idea)
      body += Self.paragraph("Promised: " + result.promise, "promise")
      for table in result.findings.tables { body += "<h3>\(Quoting.xml(table.title))</h3>\n" + Self.html(table) }
      for picture in result.findings.pictures {
        let path = "\(folder)/\(experiment.name)/\(picture.name).svg"
        let drawing = try Data(contentsOf: URL(fileURLWithPath: path)).base64EncodedString()
        body += "<figure><img alt=\"\" src=\"data:image/svg+xml;base64,\(drawing)\"/>"
        body += "<figcaption>\(Quoting.xml(picture.caption))</figcaption></figure>\n"
      }
      for remark in result.findings.remarks { body += Self.paragraph(remark) }
      let checks = result.findings.checks.map { check in
        "<li class=\"\(check.isPassed ? "pass" : "fail")\">\(Quoting.xml(check.text(withMark: true)))</li>"
      }
      body += "<ul>\(checks.joined())</ul>\n" + Self.paragraph(foot(result), "foot")
    }
    return """
      <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"/><title>\(Quoting.xml(title))</title><style>
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1e293b; }
      table { border-collapse: collapse; margin: 1rem 0; font-size: 0.9rem; }
      th, td { padding: 0.25rem 0.75rem; border-bottom: 1px solid #e2e8f0; text-align: left; vertical-align: top; }
      img { max-width: 100%; } figure { margin: 1rem 0; } figcaption, .foot, .promise { color: #64748b; }
      .pass { color: #15803d; } .fail { color: #b91c1c; font-weight: bold; } h2 { margin-top: 3rem; }
      </style></head><body>
      \(body)</body></html>

      """
  }

  private static func paragraph(_ text: String, _ style: String = "") -> String {
    "<p class=\"\(style)\">\(Quoting.xml(text))</p>\n"
  }

  private static func html(_ table: Findings.Table) -> String {
    func row(_ cells: [String], _ tag: String) -> String {
      "<tr>" + cells.map { "<\(tag)>\(Quoting.xml($0))</\(tag)>" }.joined() + "</tr>\n"
    }
    return "<table>\n" + row(table.header, "th") + table.rows.map { row($0, "td") }.joined() + "</table>\n"
  }
}
