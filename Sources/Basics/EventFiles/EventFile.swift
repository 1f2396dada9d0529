import Foundation
import StandardStreams
import SwiftProtobuf

/// A file of scalars over steps that TensorBoard shows: `tensorboard --logdir FOLDER`.
///
/// A resumed run writes a second file into the same folder; its first event makes TensorBoard forget what an interrupted run
/// wrote from that step on.
public final class EventFile {
  public let path: String
  private let file: FileHandle

  /// - Parameter firstStep: the step that comes next.
  /// - Throws: `EventFileError` when the file cannot be made.
  public init(folder: String, firstStep: Int) throws {
    // TensorBoard reads the files of a folder in the order of their names.
    let time = String(format: "%017.6f", Date().timeIntervalSince1970)
    path = "\(folder)/events.out.tfevents.\(time).\(ProcessInfo.processInfo.hostName).\(getpid())"
    guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
    else { throw EventFileError(path: path, problem: "cannot be made") }
    self.file = file
    try append(0) { $0.fileVersion = "brain.Event:2" }
    try append(firstStep) { $0.sessionLog.status = .start }
  }

  /// Adds numbers of one step, by tags like `train/loss`.
  ///
  /// - Throws: `EventFileError` when the file cannot be written.
  public func append(step: Int, scalars: [(tag: String, value: Double)]) throws {
    try append(step) { event in
      event.summary.value = scalars.map { tag, number in
        var value = Tensorflow_Summary.Value()
        value.tag = tag
        value.simpleValue = Float(number)
        return value
      }
    }
  }

  public func close() throws { try file.close() }

  private func append(_ step: Int, _ fill: (inout Tensorflow_Event) -> Void) throws {
    var event = Tensorflow_Event()
    event.wallTime = Date().timeIntervalSince1970
    event.step = Int64(step)
    fill(&event)
    do {
      try file.write(contentsOf: RecordFile.framed(try event.serializedData()))
    } catch { throw EventFileError(path: path, problem: "cannot be written: \(SystemMessage.text(of: error))") }
  }
}

/// An event file that could not be written.
public struct EventFileError: Error, Hashable, CustomStringConvertible {
  public var path: String
  public var problem: String

  public var description: String { "\(path): \(problem)" }
}
