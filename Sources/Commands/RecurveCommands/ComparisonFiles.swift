import Operators
import Training

/// What `recurve compare` writes into its folder.
struct ComparisonFiles {
  let folder: String
  private let family: ModelFamily
  private let hasCurves: Bool
  /// Those whose memory is drawn: full back-propagation and the last iteration's where they are compared, else the first mode.
  let drawnModes: [GradientMode]

  init(_ folder: String, _ family: ModelFamily, depths: [Int], _ modes: [GradientMode]) {
    (self.folder, self.family, hasCurves) = (folder, family, depths.count > 1)
    let drawn = modes.filter { [.full, .last(1)].contains($0) }
    drawnModes = drawn.isEmpty ? Array(modes.prefix(1)) : drawn
  }

  var table: String { folder + "/comparison.txt" }
  /// Memory over depth; nil for one depth.
  var curves: String? { hasCurves ? folder + "/comparison.svg" : nil }
  var diagram: String { "\(folder)/\(family.name).svg" }
  func map(of mode: GradientMode) -> String { "\(folder)/memory-\(mode.name).svg" }

  var all: [String] { [table, diagram] + drawnModes.map(map) + (curves.map { [$0] } ?? []) }
}
