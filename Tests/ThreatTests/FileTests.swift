import Files
import Foundation
import TestSupport
import Testing

/// Files of others are neither overwritten nor removed.
@Suite struct FileTests {
  private func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

  @Test func onlyRegularFilesAreRead() throws {
    try withTemporaryFolder { folder in
      func problem(_ path: String, atMost most: Int = .max) -> String? {
        #expect(throws: InputFileProblem.self) { try InputFile.bytes(of: path, atMost: most) }?.description
      }
      let (file, pipe) = (folder + "/file", folder + "/pipe")
      try OutputFile.write("four", to: file)
      #expect(mkfifo(pipe, 0o600) == 0)
      #expect(try InputFile.bytes(of: file, atMost: 4) == Data("four".utf8))
      #expect(problem(file, atMost: 3) == "found 4 bytes, where at most 3 are read")
      #expect(problem(folder + "/none") == "found no file")
      // A sparse file has no bytes on the disk, and more than any memory holds.
      let sparse = folder + "/sparse"
      try OutputFile.write("", to: sparse)
      #expect(truncate(sparse, 1 << 43) == 0)
      #expect(problem(sparse)?.hasPrefix("found 8796093022208 bytes, where at most ") == true)
      #expect(problem(folder) == "found a folder")
      for path in [pipe, "/dev/zero", "/dev/null"] {
        #expect(problem(path) == "found what is no regular file")
      }
      #expect(problem(file + "/x") == "found a file that cannot be read: not a directory")
    }
  }

  @Test func filesAreReplacedAndKeepTheirPermissions() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/file"
      try OutputFile.write("one", to: path)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      try OutputFile.write("two", to: path)
      #expect(read(path) == "two" && names(in: folder) == ["file"])
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }

  @Test func linksStayLinks() throws {
    try withTemporaryFolder { folder in
      let (target, link) = (folder + "/target", folder + "/link")
      try OutputFile.write("one", to: target)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
      try OutputFile.write("two", to: link)
      #expect(read(target) == "two")
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
      try FileManager.default.removeItem(atPath: target)
      let error = #expect(throws: OutputFileError.self) { try OutputFile.write("three", to: link) }
      #expect(error?.description == "cannot write '\(link)': it is a link to nothing")
    }
  }

  @Test func devicesAndPipesAreWritten() throws {
    let error = #expect(throws: OutputFileError.self) { try OutputFile.write("x", to: "/dev/full") }
    #expect(error?.description == "cannot write '/dev/full': no space left on device")
    try OutputFile.write("x", to: "/dev/null")
    for device in ["/dev/full", "/dev/null"] {
      let kind = try FileManager.default.attributesOfItem(atPath: device)[.type] as? FileAttributeType
      #expect(kind == .typeCharacterSpecial)
    }
    try withTemporaryFolder { folder in
      let path = folder + "/pipe"
      #expect(mkfifo(path, 0o600) == 0)
      let reader = open(path, O_RDONLY | O_NONBLOCK)
      defer { close(reader) }
      try OutputFile.write("through", to: path)
      var bytes = [UInt8](repeating: 0, count: 16)
      #expect(Foundation.read(reader, &bytes, 16) == 7 && bytes.starts(with: Array("through".utf8)))
    }
  }

  /// As a shell opens `>> log`: what is written comes after what is there, and the file stays the one that is open.
  @Test(arguments: ["/proc/self/fd/", "/dev/fd/"]) func openFilesAreAppendedTo(_ descriptors: String) throws {
    try withTemporaryFolder { folder in
      let (path, link) = (folder + "/log", folder + "/link")
      try OutputFile.write("before\n", to: path)
      let file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
      defer { close(file) }
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: descriptors + "\(file)")
      try OutputFile.write("one\n", to: descriptors + "\(file)")
      try OutputFile.write("two\n", to: link)
      _ = "after\n".utf8.withContiguousStorageIfAvailable { Foundation.write(file, $0.baseAddress, $0.count) }
      #expect(read(path) == "before\none\ntwo\nafter\n" && names(in: folder) == ["link", "log"])
    }
  }

  /// As a shell opens `> file`: what was written already stays.
  @Test func openFilesAreWrittenWhereTheirOwnerIs() throws {
    try withTemporaryFolder { folder in
      let file = open(folder + "/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
      defer { close(file) }
      for text in ["one ", "two"] { try OutputFile.write(text, to: "/dev/fd/\(file)") }
      #expect(read(folder + "/file") == "one two")
    }
  }

  @Test func openPipesAreWritten() throws {
    var ends: [Int32] = [-1, -1]
    #expect(pipe(&ends) == 0)
    defer { ends.forEach { close($0) } }
    try OutputFile.write("through", to: "/proc/self/fd/\(ends[1])")
    var bytes = [UInt8](repeating: 0, count: 16)
    #expect(Foundation.read(ends[0], &bytes, 16) == 7 && bytes.starts(with: Array("through".utf8)))
  }

  @Test(arguments: [("", "it is a folder"), ("/no/file", "there is no folder"), ("/file/x", "is not a folder")])
  func refusedPathsAreNamed(_ path: String, _ problem: String) throws {
    try withTemporaryFolder { folder in
      try OutputFile.write("x", to: folder + "/file")
      let error = #expect(throws: OutputFileError.self) { try OutputFile.write("x", to: folder + path) }
      #expect(error?.problem.contains(problem) == true)
    }
  }

  @Test func onlyOwnPartialFilesAreRemoved() throws {
    try withTemporaryFolder { folder in
      let kept = [
        "checkpoint.safetensors", "checkpoint.safetensors.0123456789ABCDEF.part", "checkpoint.safetensors.1.part",
        "checkpoint.safetensors.part", "movie.mkv.0123456789abcdef.part", "movie.mkv.part",
      ]
      for name in kept + ["checkpoint.safetensors.0123456789abcdef.part"] {
        try OutputFile.write("x", to: "\(folder)/\(name)")
      }
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/checkpoint.safetensors.00000000000000ff.part",
        withDestinationPath: folder + "/movie.mkv.part")
      OutputFile.removePartialFiles(of: folder + "/checkpoint.safetensors")
      #expect(names(in: folder) == (kept + ["checkpoint.safetensors.00000000000000ff.part"]).sorted())
    }
  }
}
