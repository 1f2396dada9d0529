import Foundation

extension MemoryMap {
  /// Writes the picture in the format that the path's extension names; PNG and PDF need `rsvg-convert`.
  public func write(to path: String) throws {
    let format = URL(fileURLWithPath: path).pathExtension.lowercased()
    switch format {
    case "svg": try FileOutput.write(Data(svg.utf8), to: path)
    case "png", "pdf": try FileOutput.write(SVGConversion.convert(svg, to: format), to: path)
    default: throw RenderingError.unknownFormat(format, needed: GraphvizRenderer.formats)
    }
  }
}

/// Turns SVG into other formats with a tool outside of this process.
enum SVGConversion {
  static let tool: String = "rsvg-convert"

  static func convert(
    _ svg: String, to format: String,
    searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
  ) throws -> Data {
    guard let executable = executable(in: searchPath) else {
      throw RenderingError.missingTool(
        tool, needed: "for \(format), from the package librsvg2-bin; svg needs no tool")
    }
    let source = FileManager.default.temporaryDirectory.appendingPathComponent(
      "recurve-\(UUID().uuidString).svg")
    try FileOutput.write(Data(svg.utf8), to: source.path)
    defer { try? FileManager.default.removeItem(at: source) }
    return try output(
      of: executable, ["--format", format, "--zoom", format == "png" ? "2" : "1", source.path])
  }

  private static func executable(in searchPath: String) -> String? {
    searchPath.split(separator: ":").map { "\($0)/\(tool)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func output(of executable: String, _ arguments: [String]) throws -> Data {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.standardOutput = output
    // One pipe for both, read to its end before waiting: two full pipes would block each other.
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw RenderingError.toolFailed(tool, output: String(decoding: data.prefix(500), as: UTF8.self))
    }
    return data
  }
}
