import Experiments
import Foundation
import StandardStreams

/// The saved result of an example of `recurve learn`, and the report that is made of it.
enum SavedResult {
  private static let experiment = Experiment(
    name: "1x", title: "Doubling", idea: "Twice as much.", promise: "2 | 4", seedCount: 2
  ) { _ in Findings() }

  static let sample = """
    {"findings":{"checks":[{"found":10,"isAtLeast":false,"needed":9,"text":"largest"},{"found":"nan","isAtLeast":true,\
    "needed":1.5,"text":"median"}],"pictures":[{"caption":"a < b","name":"doubles"}],"remarks":["Larger than promised."],\
    "tables":[{"header":["","median"],"rows":[["double","2.0"],["treble","3.0"]],"title":"Doubles"}]},"name":"1x",\
    "promise":"2 | 4","seconds":1.5,"seeds":[1,2],"title":"Doubling"}
    """

  /// - Throws: what makes no report.
  static func read(_ path: String) throws {
    guard let result = ExperimentResult(path: path, of: experiment) else { return }
    _ = result.text
    let report = ExperimentReport(title: "All", parts: [(experiment: experiment, result: result)])
    try check(report.markdown())
    let folder = try WorkFolder()
    // A name may be longer than the system has files for; then there is no picture.
    guard (try? draw(result.findings.pictures, folder)) != nil else { return }
    try check(try report.html(folder: folder.path("")))
  }

  private static func draw(_ pictures: [Findings.Picture], _ folder: WorkFolder) throws {
    try FileManager.default.createDirectory(atPath: folder.path(experiment.name), withIntermediateDirectories: true)
    for picture in pictures {
      try Data("<svg/>".utf8).write(to: URL(fileURLWithPath: folder.path("\(experiment.name)/\(picture.name).svg")))
    }
  }

  private static func check(_ document: String) throws {
    guard document.utf8.elementsEqual(Quoting.lines(document).utf8) else { throw FuzzError("the report has controls") }
  }
}
