import Runtime
import Synchronization

/// A line of the user's code.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  public var file: String
  public var line: Int

  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  public var description: String { "\(file):\(line)" }
}

/// The lines that made the operations of a trace.
///
/// Operators cannot take `#line` as a default argument, so each operation keeps a few return addresses (about 2 us); they
/// become file and line only when a message or a diagram asks.
final class LocationTable: Sendable {
  private let state = Mutex<[Backtrace]>([])
  private static let images = ImageMap.capture()

  /// Keeps the present call stack; returns its token.
  func capture() -> Int? {
    guard
      let backtrace = try? Backtrace.capture(
        algorithm: .fast, limit: 24, offset: 0, top: 0, images: Self.images)
    else { return nil }
    return state.withLock { backtraces in
      backtraces.append(backtrace)
      return backtraces.count - 1
    }
  }

  /// The innermost line outside this library.
  func location(_ token: Int) -> SourceLocation? {
    let backtrace = state.withLock { $0.indices.contains(token) ? $0[token] : nil }
    guard let frames = backtrace?.symbolicated()?.frames else { return nil }
    for frame in frames {
      guard let source = frame.symbol?.sourceLocation, source.line > 0 else { continue }
      if !Self.isOwn(source.path) { return SourceLocation(file: Self.short(source.path), line: source.line) }
    }
    return nil
  }

  private static let ownFolder: String = {
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/") + "/"
  }()

  /// Files of the library's own modules and of the Swift runtime.
  private static func isOwn(_ path: String) -> Bool {
    path.hasPrefix(ownFolder) || path.hasPrefix("<") || path.contains("/swift/stdlib/") || path.isEmpty
  }

  /// The last two components: folder and file.
  private static func short(_ path: String) -> String {
    path.split(separator: "/").suffix(2).joined(separator: "/")
  }
}
