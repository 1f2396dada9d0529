import Foundation
import Testing

/// The page that walks through the sources names files and rooms that are there.
@Suite struct SourcesPageTests {
  @Test func linksExist() throws {
    let folder = LayeringTests.root.appendingPathComponent("Sources")
    let text = try String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
    let links = text.matches(of: #/\]\(([^)]+)\)/#).map { String($0.1) }
    #expect(links.count > 25)
    for link in links {
      #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent(link).path), "\(link)")
    }
  }

  @Test func everyRoomAndModuleIsNamed() throws {
    let folder = LayeringTests.root.appendingPathComponent("Sources")
    let text = try String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
    for (room, modules) in try LayeringTests.rooms() {
      #expect(text.contains("| [\(room)](\(room)) |"), "\(room)")
      let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("| [\(room)]") })
      for module in modules { #expect(row.contains(module), "\(module)") }
    }
  }
}
