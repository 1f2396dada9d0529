/// What of a kernel workers share.
extension Kernel {
  /// Whether it is one loop over independent elements, which workers share like rows.
  public var isFlat: Bool {
    guard rowExtents.isEmpty, columnExtents.count == 1, stages.count == 1, case .columns(let statements) = stages[0]
    else { return false }
    return !statements.contains { if case .reduce = $0 { true } else { false } }
  }

  /// Extents of the iterations that workers share.
  public var sharedExtents: [Int] { isFlat ? columnExtents : rowExtents }
}
