import ArgumentParser
import Differentiation
import Execution
import Foundation
import Modeling
import Operators
import Training

/// Ranges of the numbers that commands take, each checked before anything else happens.
public enum ArgumentChecks {
  public static let steps: ClosedRange<Int> = 1...TrainingPlan.largestStepCount
  static let iterations: ClosedRange<Int> = ModelOptions.iterations
  public static let threads: ClosedRange<Int> = 1...ExecutionError.mostWorkers

  /// - Throws: `ValidationError` with the option, what it is and what it needs.
  public static func check(_ option: String, _ value: Int?, _ range: ClosedRange<Int>) throws {
    guard let value else { return }
    if value < range.lowerBound {
      throw ValidationError("--\(option) is \(value), needs at least \(range.lowerBound)")
    }
    if value > range.upperBound { throw ValidationError("--\(option) is \(value), needs at most \(range.upperBound)") }
  }

  /// How many rows of a table are shown; JSON has them all.
  ///
  /// - Throws: `ValidationError`.
  static func checkRows(_ rows: Int?, isJSON: Bool) throws {
    try check("rows", rows, 0...Int.max)
    if rows != nil && isJSON {
      throw ValidationError("--rows has no effect with --json, which lists all; needs one of them")
    }
  }

  /// Numbers of a recipe, each by the name of its option.
  ///
  /// - Throws: `ValidationError` with the first that is out of its range: the option, what it is and what it needs.
  public static func check(_ numbers: [OptimizerSetting?]) throws {
    for case let problem? in numbers.map({ $0?.problem }) { throw ValidationError(problem) }
  }

  /// Different numbers, separated by commas.
  ///
  /// - Throws: `ValidationError` with the option, what it is and what it needs.
  public static func numbers(_ option: String, _ text: String, _ range: ClosedRange<Int>) throws -> [Int] {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Int($0) }
    let isWhole = numbers.count == text.split(separator: ",", omittingEmptySubsequences: false).count
    guard isWhole, numbers.allSatisfy(range.contains), Set(numbers).count == numbers.count else {
      throw ValidationError(
        "--\(option) got '\(text)', needs different whole numbers from \(range.lowerBound) to \(range.upperBound), separated "
          + "by commas")
    }
    return numbers
  }

  /// - Throws: `CommandError.unwritable` when there is no folder to write a file in, for what takes long is not to be lost for
  ///   that. Links, devices and pipes are left to whoever writes.
  public static func checkFolder(of path: String?) throws {
    guard let path else { return }
    let kind = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
    if kind != nil && kind != .typeRegular { return }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw CommandError.unwritable(path, "'\(folder)' is no folder that can be written to")
    }
  }

  /// - Throws: `ValidationError` when the name of a picture ends with none of the formats.
  public static func checkPicture(_ option: String, _ path: String?, _ formats: [String]) throws {
    guard let path, !formats.contains(URL(fileURLWithPath: path).pathExtension.lowercased()) else { return }
    let endings = formats.map { ".\($0)" }
    let needed = endings.dropLast().joined(separator: ", ") + " or \(endings.last ?? "")"
    throw ValidationError("--\(option) got '\(path)', needs a name that ends with \(needed)")
  }

  /// - Throws: `ValidationError` when a file that is written would replace a checkpoint, the log or the record of a run.
  public static func checkNoRunFile(_ option: String, _ path: String?) throws {
    guard let path, RunFolder.isPart(path) else { return }
    throw ValidationError("--\(option) got '\(path)', which is a file of a run; needs another name")
  }

  /// - Throws: `ValidationError` when a file that is written would replace one that the command reads, however both are
  ///   written.
  public static func checkOutput(_ option: String, _ path: String?, isNone inputs: [String?]) throws {
    guard let path, inputs.contains(where: { $0.map(place) == place(path) }) else { return }
    throw isRead(option, path)
  }

  /// - Parameter data: a file, or a folder of files; nil where the model makes its data.
  /// - Throws: `ValidationError` when a file that is written would replace data of the command's, however both are written.
  public static func checkOutput(_ option: String, _ path: String?, isNotOf data: String?) throws {
    guard let path, let data, FileManager.default.fileExists(atPath: path) else { return }
    let folder = URL(fileURLWithPath: place(path)).deletingLastPathComponent().path
    if [place(path), folder].contains(place(data)) { throw isRead(option, path) }
  }

  /// - Parameters:
  ///   - data: a file, or a folder of files; nil where the model makes its data.
  ///   - run: the folder that the run writes into.
  /// - Throws: `ValidationError` where the data are a file that the run writes, or its folder, in which they would be other
  ///   data with every file.
  static func checkData(_ data: String?, areNotOf run: RunFolder) throws {
    guard let data, ([run.path] + run.writtenFiles).contains(where: { place($0) == place(data) }) else { return }
    throw ValidationError("the run writes into its own data '\(data)'; needs another --output or --data")
  }

  private static func place(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }

  private static func isRead(_ option: String, _ path: String) -> ValidationError {
    ValidationError("--\(option) got '\(path)', which the command reads; needs another name")
  }

  /// Runs a check of the library, whose error becomes one about the command line.
  static func asUsage(_ body: () throws -> Void) throws {
    do { try body() } catch let error as ValidationError { throw error } catch { throw ValidationError("\(error)") }
  }

  /// A gradient that is to reach back further than there are iterations would quietly be a full one; a plan of checkpoints
  /// may be too large.
  ///
  /// - Throws: `CommandError.reach`.
  static func checkReach(of mode: GradientMode?, iterations: Int) throws {
    if let problem = mode?.problem(iterations: iterations) { throw CommandError.reach(problem) }
  }

  /// The same, found while a model was traced whose own code says nothing of the mode; nil for other mistakes.
  static func reach(of mode: GradientMode?, _ error: TraceError) -> CommandError? {
    guard mode != nil, error.problems.allSatisfy({ $0.message.hasPrefix("recur.2") }) else { return nil }
    return error.problems.first.map { CommandError.reach($0.message) }
  }
}
