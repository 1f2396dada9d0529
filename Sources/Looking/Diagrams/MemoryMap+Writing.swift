import Files
import Foundation
import Reports

extension MemoryMap {
  /// Writes the picture in the format that the path's extension names; PNG and PDF need `rsvg-convert`.
  ///
  /// - Throws: `RenderingError`, `ExternalToolError` or `OutputFileError`; a picture that was there stays.
  public func write(to path: String) throws {
    let format = URL(fileURLWithPath: path).pathExtension.lowercased()
    switch format {
    case "svg": try OutputFile.write(Data(svg.utf8), to: path)
    case "png", "pdf": try OutputFile.write(SVGConversion.convert(svg, to: format), to: path)
    default: throw RenderingError.unknownFormat(format, needed: GraphvizRenderer.formats)
    }
  }
}

/// Turns SVG into other formats with a tool outside of this process.
enum SVGConversion {
  static func convert(
    _ svg: String, to format: String,
    by tool: ExternalTool = ExternalTool("rsvg-convert", package: "librsvg2-bin")
  ) throws -> Data {
    try tool.run(["--format", format, "--zoom", format == "png" ? "2" : "1"], input: Data(svg.utf8))
  }
}
