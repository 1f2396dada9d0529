extension MemoryMapDrawing {
  private static let left: Double = 894
  private static let right: Double = 1180
  private static let rowCount = 10

  /// Who owns the bytes at the peak: the ten largest, and the rest as one line.
  mutating func drawPeakTable() {
    let owners = map.blocks(at: peak)
    let total = owners.reduce(0) { $0 + $1.byteCount }
    page.text(
      Self.left, 72, "Peak \(ByteText.short(total)) at position \(peak)", size: 13, "font-weight=\"bold\"")
    page.text(Self.left, 88, phaseText, size: 10, "fill=\"\(Palette.faintText)\"")
    var top = 104.0
    for owner in owners.prefix(Self.rowCount) {
      drawRow(owner, total: total, top: top)
      top += 36
    }
    guard owners.count > Self.rowCount else { return }
    let rest = owners.dropFirst(Self.rowCount)
    page.text(Self.left + 20, top + 11, "\(rest.count) others", size: 10.5, "fill=\"\(Palette.faintText)\"")
    amount(rest.reduce(0) { $0 + $1.byteCount }, total: total, top: top)
  }

  /// The phases around the peak, outermost first.
  private var phaseText: String {
    let around = map.phases.filter { $0.positions.contains(peak) }
    let names = around.map { $0.tripCount == 1 ? $0.name : "\($0.name) × \($0.tripCount)" }
    return MarkupText.truncated(names.isEmpty ? "" : "in " + names.joined(separator: ", "), to: 52)
  }

  private mutating func drawRow(_ owner: MemoryMap.Block, total: Int, top: Double) {
    page.rectangle(
      SVGText.Frame(x: Self.left, y: top + 2, width: 12, height: 12),
      "rx=\"2\" fill=\"\(color(owner.category))\"",
      title: owner.category)
    page.text(Self.left + 20, top + 11, MarkupText.truncated(owner.name, to: 34), size: 10.5)
    let detail = MarkupText.truncated(owner.detail.isEmpty ? owner.category : owner.detail, to: 44)
    page.text(Self.left + 20, top + 24, detail, size: 9, "fill=\"\(Palette.faintText)\"")
    amount(owner.byteCount, total: total, top: top)
    page.line(Self.left, top + 31, Self.right, top + 31, "stroke=\"#e6eaef\"")
  }

  private mutating func amount(_ byteCount: Int, total: Int, top: Double) {
    let share = total == 0 ? 0 : Int((Double(byteCount) / Double(total) * 100).rounded())
    page.text(Self.right - 40, top + 11, ByteText.short(byteCount), size: 10.5, "text-anchor=\"end\"")
    page.text(
      Self.right, top + 11, "\(share) %", size: 10.5, "text-anchor=\"end\" fill=\"\(Palette.faintText)\"")
  }
}
