import Runtime
import Synchronization

/// The line of user code that called this library.
///
/// Functions take it as `#fileID` and `#line`. Operators and properties cannot: for them a few return addresses are kept
/// (about 2 us), which become file and line only when a message or a diagram asks.
final class CallSite: Sendable {
  private enum Origin: Sendable {
    case line(SourceLocation)
    case stack(Backtrace)
    case unknown
  }

  private let origin: Origin
  private static let images = ImageMap.capture()

  /// The line that the compiler gave; the call stack's where that is a line of this library.
  init(_ file: StaticString, _ line: Int) {
    origin = Self.isOwn(file) ? Self.stack() : .line(SourceLocation(file: "\(file)", line: line))
  }

  /// The innermost line outside this library in the call stack.
  init() { origin = Self.stack() }

  private static func stack() -> Origin {
    let backtrace = try? Backtrace.capture(algorithm: .fast, limit: 24, offset: 0, top: 0, images: images)
    return backtrace.map(Origin.stack) ?? .unknown
  }

  /// nil where the optimizer left no line: it merges functions that do the same, and they have many lines then.
  var location: SourceLocation? {
    switch origin {
    case .line(let location): location
    case .stack(let backtrace): Self.location(backtrace)
    case .unknown: nil
    }
  }

  static func isOwn(_ file: StaticString) -> Bool {
    file.withUTF8Buffer { $0.starts(with: ownModule) }
  }

  private static let ownModule = Array("\(#fileID)".utf8.prefix { $0 != UInt8(ascii: "/") }) + [UInt8(ascii: "/")]
}

extension CallSite {
  /// The line of the innermost function of the user's. Should it have none, the lines of its callers are the wrong ones.
  private static func location(_ backtrace: Backtrace) -> SourceLocation? {
    guard let frames = backtrace.symbolicated()?.frames else { return nil }
    for frame in frames {
      guard let symbol = frame.symbol, !symbol.isSwiftThunk, !isOwn(symbol) else { continue }
      guard let source = symbol.sourceLocation, source.line > 0 else { return nil }
      return SourceLocation(file: short(source.path), line: source.line)
    }
    return nil
  }

  private static let ownFolder: String = {
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/") + "/"
  }()

  /// Functions of the library's own modules and of the Swift runtime; where the optimizer left no file, the symbol tells
  /// the module.
  private static func isOwn(_ symbol: SymbolicatedBacktrace.Symbol) -> Bool {
    if let path = symbol.sourceLocation?.path, !path.isEmpty, !path.hasSuffix("<compiler-generated>") {
      if path.hasPrefix(ownFolder) || path.contains("/swift/stdlib/") { return true }
      // Some paths of optimized builds are relative to the package.
      let isRelative = path.hasPrefix("Sources/")
      return ownModules.contains { isRelative && path.contains("/\($0)/") && symbol.rawName.hasPrefix(prefix($0)) }
    }
    return symbol.rawName.hasPrefix("$ss") || ownModules.contains { symbol.rawName.hasPrefix(prefix($0)) }
  }

  private static let ownModules = ["Modeling", "Training", "Operators", "GraphIR"]

  /// How the symbols of a module begin.
  private static func prefix(_ module: String) -> String { "$s\(module.utf8.count)\(module)" }

  /// The last two components: folder and file.
  private static func short(_ path: String) -> String {
    path.split(separator: "/").suffix(2).joined(separator: "/")
  }
}

/// The lines that made the operations of a trace, by the tokens that the graph's annotations keep.
final class LocationTable: Sendable {
  private let sites = Mutex<[CallSite]>([])
  /// The first token: a graph may have those of another table.
  private let first: Int

  init(first: Int = 0) { self.first = first }

  /// Keeps a call's line; returns its token.
  func add(_ site: CallSite) -> Int {
    sites.withLock { sites in
      sites.append(site)
      return first + sites.count - 1
    }
  }

  func site(_ token: Int) -> CallSite? {
    sites.withLock { $0.indices.contains(token - first) ? $0[token - first] : nil }
  }

  func location(_ token: Int) -> SourceLocation? { site(token)?.location }
}
