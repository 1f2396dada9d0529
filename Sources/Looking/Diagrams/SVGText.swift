import Reports
import StandardStreams

/// The few SVG elements that the pictures need, with numbers of one decimal.
struct SVGText {
  private(set) var lines: [String] = []

  static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let (whole, tenth) = abs(tenths).quotientAndRemainder(dividingBy: 10)
    return sign + (tenth == 0 ? "\(whole)" : "\(whole).\(tenth)")
  }

  mutating func raw(_ line: String) { lines.append(line) }

  mutating func rectangle(_ frame: Frame, _ attributes: String, title: String? = nil) {
    let position = "x=\"\(Self.number(frame.x))\" y=\"\(Self.number(frame.y))\""
    let size = "width=\"\(Self.number(frame.width))\" height=\"\(Self.number(frame.height))\""
    let end = title.map { "><title>\(Quoting.xml($0))</title></rect>" } ?? "/>"
    lines.append("<rect \(position) \(size) \(attributes)\(end)")
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ attributes: String) {
    let start = "x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\""
    lines.append("<line \(start) x2=\"\(Self.number(x2))\" y2=\"\(Self.number(y2))\" \(attributes)/>")
  }

  mutating func text(_ x: Double, _ y: Double, _ text: String, size: Double, _ attributes: String = "") {
    let position = "x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(Self.number(size))\""
    lines.append(
      "<text \(position)\(attributes.isEmpty ? "" : " " + attributes)>\(Quoting.xml(text))</text>")
  }

  /// How many characters of a size fit into a width; sans-serif letters are about 0.55 as wide as high.
  static func characters(in width: Double, size: Double) -> Int { max(Int(width / (size * 0.55)), 0) }

  /// A rectangle on the page, in points from the top left.
  struct Frame {
    var x: Double
    var y: Double
    var width: Double
    var height: Double
  }
}
