/// Texts in pictures.
enum MarkupText {
  /// The text cut to a number of characters, with an ellipsis in place of what is gone.
  static func truncated(_ text: String, to count: Int) -> String {
    guard text.count > count else { return text }
    return count < 2 ? "" : text.prefix(count - 1) + "…"
  }
}
