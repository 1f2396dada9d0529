extension MemoryMapDrawing {
  /// Grid, byte labels at the left and positions below.
  mutating func drawAxes() {
    page.rectangle(plot, "fill=\"#fafbfc\"")
    let byteStep = Self.roundStep(scaleByteCount / 6)
    for tick in 0...Int(scaleByteCount / byteStep) {
      let height = y(Int(byteStep * Double(tick)))
      page.line(plot.x, height, plot.x + plot.width, height, "stroke=\"#e6eaef\"")
      page.text(
        plot.x - 8, height + 3.5, megabytes(byteStep * Double(tick), step: byteStep), size: 10,
        "text-anchor=\"end\" fill=\"\(Palette.faintText)\"")
    }
    let positionStep = max(Int(Self.roundStep(Double(live.count) / 10)), 1)
    for position in stride(from: 0, through: live.count, by: positionStep) {
      page.line(
        x(position), plot.y + plot.height, x(position), plot.y + plot.height + 4, "stroke=\"#aab3bf\"")
      page.text(
        x(position), plot.y + plot.height + 16, "\(position)", size: 10,
        "text-anchor=\"middle\" fill=\"\(Palette.faintText)\"")
    }
    page.text(plot.x - 8, plot.y - 6, "MB", size: 10, "text-anchor=\"end\" fill=\"\(Palette.faintText)\"")
    page.text(
      plot.x + plot.width / 2, plot.y + plot.height + 31, "schedule position", size: 10,
      "text-anchor=\"middle\" fill=\"\(Palette.faintText)\"")
  }

  /// The next of 1, 2 and 5 times a power of ten.
  private static func roundStep(_ step: Double) -> Double {
    var power = 1.0
    while power * 10 <= step { power *= 10 }
    return [1, 2, 5].first { $0 * power >= step }.map { $0 * power } ?? 10 * power
  }

  /// Megabytes with as many decimals as the distance of the labels needs.
  private func megabytes(_ byteCount: Double, step: Double) -> String {
    let value = byteCount / 1e6
    if step >= 1e6 { return "\(Int(value.rounded()))" }
    return step >= 1e5 ? SVGText.number(value) : "\((value * 1000).rounded() / 1000)"
  }

  /// Live bytes as a step line, the arena and its lower bound, and the peak.
  mutating func drawCurves() {
    var path = "M\(SVGText.number(x(0))) \(SVGText.number(y(live.first ?? 0)))"
    for (position, byteCount) in live.enumerated() {
      path += "V\(SVGText.number(y(byteCount)))H\(SVGText.number(x(position + 1)))"
    }
    page.raw(
      "<path d=\"\(path)\" fill=\"none\" stroke=\"#111827\" stroke-width=\"1.6\" pointer-events=\"none\"/>")
    let right = plot.x + plot.width
    let arena = y(map.arenaByteCount)
    page.line(plot.x, arena, right, arena, "stroke=\"#111827\" stroke-width=\"0.8\" opacity=\"0.55\"")
    let bound = y(map.lowerBoundByteCount)
    page.line(plot.x, bound, right, bound, "stroke=\"#c2410c\" stroke-width=\"1.3\" stroke-dasharray=\"6 4\"")
    drawPeakMark()
  }

  private mutating func drawPeakMark() {
    let middle = (x(peak) + x(peak + 1)) / 2
    let top = y(live.isEmpty ? 0 : live[peak])
    page.line(
      middle, top, middle, plot.y + plot.height, "stroke=\"#c2410c\" stroke-width=\"1\" opacity=\"0.7\"")
    page.raw(
      "<circle cx=\"\(SVGText.number(middle))\" cy=\"\(SVGText.number(top))\" r=\"4\" fill=\"#c2410c\" "
        + "stroke=\"white\" stroke-width=\"1.2\"/>")
  }

  /// Legend, explanation of the lines, and the summary.
  mutating func drawFooter() {
    var left = plot.x
    for category in map.categories {
      let width = 24 + Double(category.count) * 5.9 + 12
      guard left + width <= plot.x + plot.width else { break }
      page.rectangle(
        SVGText.Frame(x: left, y: 650, width: 13, height: 11), "rx=\"2\" fill=\"\(color(category))\"")
      page.text(left + 18, 659.5, category, size: 10.5)
      left += width
    }
    let lines = [
      ("live bytes", "stroke=\"#111827\" stroke-width=\"1.8\""),
      ("lower bound", "stroke=\"#c2410c\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\""),
      ("arena", "stroke=\"#111827\" stroke-width=\"0.8\" opacity=\"0.55\""),
    ]
    for (position, line) in lines.enumerated() {
      let start = plot.x + Double(position) * 110
      page.line(start, 679, start + 22, 679, line.1)
      page.text(start + 28, 682.5, line.0, size: 10.5)
    }
    page.text(plot.x + plot.width, 682.5, map.summary, size: 11.5, "text-anchor=\"end\" font-weight=\"bold\"")
  }
}
