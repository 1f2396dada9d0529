import Foundation
import Testing

/// Reads the package's description as text: a target lists the modules that its files import, and no others.
@Suite struct DependencyTests {
  /// What targets list without an import.
  private static let unimported: [String: [String]] = [
    // The tests start the executable, which must be there by then.
    "ThreatTests": ["recurve"], "TrainingTests": ["recurve"],
  ]

  /// A target as the package describes it.
  private struct Target {
    let name: String
    let folder: String
    let dependencies: [String]

    /// - Parameter text: from the target's first word on, up to the next target.
    init?(_ text: Substring) {
      guard let name = text.firstMatch(of: #/name: "([^"]+)"/#)?.1 else { return nil }
      self.name = String(name)
      let path = text.firstMatch(of: #/path: "([^"]+)"/#)?.1
      folder = path.map { String($0) } ?? "\(text.hasPrefix(".testTarget") ? "Tests" : "Sources")/\(name)"
      let list = text.firstMatch(of: #/dependencies: \[([^\]]*)\]/#)?.1 ?? ""
      // Of a product it is the name that counts, not the package.
      dependencies = list.matches(of: #/(package: )?"([^"]+)"/#).filter { $0.1 == nil }.map { String($0.2) }
    }
  }

  private static func targets() throws -> [Target] {
    let text = try String(contentsOf: LayeringTests.root.appendingPathComponent("Package.swift"), encoding: .utf8)
    let starts = text.matches(of: #/\.(?:target|executableTarget|testTarget)\(\s*name: "/#).map { $0.range.lowerBound }
    return zip(starts, starts.dropFirst() + [text.endIndex]).compactMap { Target(text[$0..<$1]) }
  }

  @Test func everyDependencyIsImported() throws {
    let targets = try Self.targets()
    #expect(targets.count { !$0.dependencies.isEmpty } > 40)
    for target in targets {
      let imported = Set(LayeringTests.swiftFiles(target.folder).flatMap { LayeringTests.imports($0.text) })
      #expect(!imported.isEmpty || target.dependencies.isEmpty, "\(target.name) has no files in \(target.folder)")
      let idle = target.dependencies.filter { !imported.contains($0.replacing("-", with: "_")) }
      let permitted = Self.unimported[target.name] ?? []
      #expect(idle == permitted, "\(target.name): no file imports \(idle)")
    }
  }

  /// What is imported through others only is not built again when it changes, and is then read with a layout of before.
  @Test func everyImportIsADependency() throws {
    let targets = try Self.targets()
    let ours = Set(targets.map { $0.name.replacing("-", with: "_") }).union(["ArgumentParser", "SwiftProtobuf"])
    for target in targets {
      let imported = Set(LayeringTests.swiftFiles(target.folder).flatMap { LayeringTests.imports($0.text) })
      let listed = Set(target.dependencies.map { $0.replacing("-", with: "_") })
      let missing = imported.intersection(ours).subtracting(listed)
      #expect(missing.isEmpty, "\(target.name) imports \(missing.sorted()) through others")
    }
  }
}
