import Files
import Foundation
import Training

/// What a long experiment has found so far, in a file of its folder: the same experiment goes on from there, and no other
/// writes over it.
public enum KeptResults {
  /// What every such file says, whatever else it has.
  private struct File<Setting: Decodable, Result: Decodable>: Decodable {
    var setting: Setting
    var results: [Result]
  }

  /// The results of a file, none where there is no file.
  ///
  /// - Parameters:
  ///   - path: nil for an experiment that writes nothing.
  ///   - setting: what all results are of.
  /// - Throws: `CommandError.otherResults` for results of another setting, and for a file that is none of results.
  public static func read<Setting: Codable & Equatable, Result: Decodable>(
    _ path: String?, of setting: Setting, as kind: Result.Type = Result.self
  ) throws -> [Result] {
    guard let path, let file: File<Setting, Result> = try file(path) else { return [] }
    if file.setting == setting { return file.results }
    func text(_ setting: Setting) throws -> String {
      try Output.jsonText(setting).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        .joined(separator: " ")
    }
    throw CommandError.otherResults(
      path, "results of \(try text(file.setting)), needs those of \(try text(setting))")
  }

  /// What the results of a file are of, for experiments that are measured out anew each time; nil where there is no file.
  ///
  /// - Throws: `CommandError.otherResults` for a file that is none of results.
  public static func setting<Setting: Decodable, Result: Decodable>(
    of path: String?, as setting: Setting.Type = Setting.self, _ kind: Result.Type
  ) throws -> Setting? {
    guard let path, let file: File<Setting, Result> = try file(path) else { return nil }
    return file.setting
  }

  /// Makes the folder and keeps other processes from writing there, as long as it is held, which `RunLock.check` tells before
  /// each writing.
  ///
  /// - Throws: `RunFolderError`.
  public static func lock(_ folder: String) throws -> RunLock { try RunLock(RunFolder(folder)) }

  /// Writes what has been found so far; what cannot be written now is tried again with the next result, and in the end by the
  /// caller, for whom it then is an error.
  public static func saying(_ write: () throws -> Void) throws {
    do { try write() } catch { Output.progress("\(error); training goes on") }
  }

  private static func file<Setting: Decodable, Result: Decodable>(_ path: String) throws -> File<Setting, Result>? {
    let bytes: Data
    do { bytes = try InputFile.bytes(of: path) } catch {
      if error == .missing { return nil }
      throw CommandError.otherResults(path, "\(error)".replacing("found ", with: "", maxReplacements: 1))
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let file = try? decoder.decode(File<Setting, Result>.self, from: bytes) else {
      throw CommandError.otherResults(path, "no results of such an experiment")
    }
    return file
  }
}
