/// Draws a memory map as SVG.
struct MemoryMapDrawing {
  let map: MemoryMap
  let live: [Int]
  let peak: Int
  let plot: SVGText.Frame
  var page = SVGText()
  private let colors: [String: String]
  private let depths: [Int]

  static let bandHeight: Double = 18

  init(_ map: MemoryMap) {
    self.map = map
    live = map.liveByteCounts
    peak = map.peakPosition
    depths = map.phaseDepths
    let top = 62 + Self.bandHeight * Double((depths.max() ?? -1) + 1)
    plot = SVGText.Frame(x: 72, y: top, width: 790, height: 606 - top)
    colors = Dictionary(
      uniqueKeysWithValues: map.categories.enumerated().map { ($1, Palette.category($1, position: $0)) })
  }

  func text() -> String {
    var drawing = self
    drawing.page.raw(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1200\" height=\"700\" viewBox=\"0 0 1200 700\" "
        + "font-family=\"\(Palette.font)\" fill=\"\(Palette.text)\">")
    drawing.page.rectangle(SVGText.Frame(x: 0, y: 0, width: 1200, height: 700), "fill=\"white\"")
    drawing.page.text(24, 34, map.title, size: 18, "font-weight=\"bold\"")
    drawing.drawAxes()
    drawing.drawPhases()
    drawing.drawBlocks()
    drawing.drawCurves()
    drawing.drawPeakTable()
    drawing.drawFooter()
    drawing.page.raw("</svg>")
    return drawing.page.lines.joined(separator: "\n") + "\n"
  }

  func color(_ category: String) -> String { colors[category] ?? Palette.weight }

  /// The right end of the vertical axis: a little above the arena, so that its line is seen.
  var scaleByteCount: Double {
    Double(max(map.arenaByteCount, map.lowerBoundByteCount, live.max() ?? 0, 1)) * 1.04
  }

  func x(_ position: Int) -> Double { plot.x + plot.width * Double(position) / Double(live.count) }
  func y(_ byteOffset: Int) -> Double { plot.y + plot.height * (1 - Double(byteOffset) / scaleByteCount) }

  private mutating func drawPhases() {
    for (phase, depth) in zip(map.phases, depths) {
      let title = phase.name + (phase.tripCount == 1 ? "" : " × \(phase.tripCount)")
      let left = x(phase.positions.lowerBound)
      let frame = SVGText.Frame(
        x: left + 0.5, y: 56 + Self.bandHeight * Double(depth),
        width: max(x(phase.positions.upperBound) - left - 1, 1), height: Self.bandHeight - 3)
      let fill = phase.tripCount == 1 ? "#eef1f5" : "#d6e2f7"
      let range = "\(title), positions \(phase.positions.lowerBound)..<\(phase.positions.upperBound)"
      page.rectangle(frame, "rx=\"3\" fill=\"\(fill)\"", title: range)
      label(title, in: frame, size: 10)
      page.line(left, plot.y, left, plot.y + plot.height, "stroke=\"#dfe4ea\" stroke-dasharray=\"2 3\"")
    }
  }

  private mutating func drawBlocks() {
    for block in map.blocks {
      for interval in block.intervals where !interval.isEmpty { draw(block, interval) }
    }
  }

  private mutating func draw(_ block: MemoryMap.Block, _ interval: Range<Int>) {
    let left = x(interval.lowerBound)
    let top = y(block.byteOffset + block.byteCount)
    let frame = SVGText.Frame(
      x: left, y: top, width: x(interval.upperBound) - left, height: y(block.byteOffset) - top)
    let range = "positions \(interval.lowerBound)..<\(interval.upperBound)"
    let lines = [
      block.name, "\(block.category), \(ByteText.short(block.byteCount)) at offset \(block.byteOffset)",
      range,
      block.detail,
    ]
    // A white edge separates neighbours, and would leave nothing of a thin rectangle.
    let edge = min(frame.width, frame.height) > 3 ? " stroke=\"white\" stroke-width=\"0.6\"" : ""
    page.rectangle(
      frame, "fill=\"\(color(block.category))\"\(edge)",
      title: lines.filter { !$0.isEmpty }.joined(separator: "\n"))
    if frame.height >= 12 { label(block.name, in: frame, size: 9) }
  }

  /// A text in the middle of a frame, shortened to fit; left out where a few letters would say nothing.
  private mutating func label(_ text: String, in frame: SVGText.Frame, size: Double) {
    let room = SVGText.characters(in: frame.width - 6, size: size)
    guard room >= min(text.count, 8) else { return }
    // Labels let the pointer through, so that the tooltip of the rectangle below shows.
    page.text(
      frame.x + frame.width / 2, frame.y + frame.height / 2 + size * 0.36,
      MarkupText.truncated(text, to: room),
      size: size, "text-anchor=\"middle\" pointer-events=\"none\"")
  }
}
