import Foundation
import StandardStreams

/// A running tool with its three streams; reading and writing take turns, so that no full pipe blocks another.
struct ToolProcess {
  private let tool: String
  private let identifier: pid_t
  // Sockets: writing to one that nobody reads any more is an error and no signal.
  private var input: Int32
  private var output: Int32
  private var errors: Int32
  private var saidBytes = Data()

  /// The first part of what the tool wrote to standard error.
  var said: String { String(decoding: saidBytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }

  init(_ path: String, _ arguments: [String], tool: String) throws {
    self.tool = tool
    var ours: [Int32] = []
    var theirs: [Int32] = []
    defer { theirs.forEach { close($0) } }
    do {
      for _ in 0..<3 {
        let pair = try Self.sockets(tool)
        ours.append(pair.ours)
        theirs.append(pair.theirs)
      }
      identifier = try Self.start(path, arguments, streams: theirs, tool: tool)
    } catch {
      ours.forEach { close($0) }
      throw error
    }
    (input, output, errors) = (ours[0], ours[1], ours[2])
    for file in [input, output, errors] { _ = fcntl(file, F_SETFL, fcntl(file, F_GETFL) | O_NONBLOCK) }
  }

  private static func sockets(_ tool: String) throws -> (ours: Int32, theirs: Int32) {
    var pair: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
      throw ExternalToolError(tool: tool, problem: .unstartable(SystemMessage.text()))
    }
    return (pair[0], pair[1])
  }

  /// Starts the tool with default signals, the given streams, and a process group of its own.
  private static func start(_ path: String, _ arguments: [String], streams: [Int32], tool: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (number, stream) in streams.enumerated() { posix_spawn_file_actions_adddup2(&actions, stream, Int32(number)) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var identifier: pid_t = 0
    var status = posix_spawn(&identifier, path, &actions, &attributes, &words, environ)
    // A tool that was written just now may still be open in a process that another thread is starting.
    for _ in 0..<100 where status == ETXTBSY {
      usleep(10_000)
      status = posix_spawn(&identifier, path, &actions, &attributes, &words, environ)
    }
    guard status == 0 else {
      throw ExternalToolError(tool: tool, problem: .unstartable(SystemMessage.text(status)))
    }
    return identifier
  }

  /// Gives the input, takes the output, and waits for the end.
  mutating func exchange(_ data: Data, seconds: Double, mostBytes: Int) throws -> Data {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var (rest, result) = (data[...], Data())
    defer {
      finish(&input)
      finish(&output)
      finish(&errors)
    }
    while output >= 0 || errors >= 0 {
      try wait(isWriting: !rest.isEmpty, until: deadline, seconds)
      if input >= 0 { rest = give(rest) }
      take(&output) { result.append(contentsOf: $0) }
      var said = saidBytes
      take(&errors) { said.append(contentsOf: $0.prefix(max(0, 4_096 - said.count))) }
      saidBytes = said
      if result.count > mostBytes { throw ended(.tooMuch(bytes: mostBytes)) }
    }
    try checkEnd(until: deadline, seconds)
    return result
  }

  private func wait(isWriting: Bool, until deadline: ContinuousClock.Instant, _ seconds: Double) throws {
    let left = (deadline - .now) / .seconds(1)
    guard left > 0 else { throw ended(.tooSlow(seconds: seconds)) }
    // A negative file is skipped.
    var events = [
      pollfd(fd: isWriting ? input : -1, events: Int16(POLLOUT), revents: 0),
      pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    poll(&events, nfds_t(events.count), Int32(min(left * 1000 + 1, 1000)))
  }

  /// Writes what fits; closes the stream at the end, or when the tool reads no more.
  private mutating func give(_ rest: Data.SubSequence) -> Data.SubSequence {
    let count = rest.withUnsafeBytes { send(input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    if count < 0 && (errno == EAGAIN || errno == EINTR) { return rest }
    let left = count < 0 ? rest.suffix(0) : rest.dropFirst(count)
    if left.isEmpty { finish(&input) }
    return left
  }

  /// Reads what is there; closes the stream at its end.
  private func take(_ file: inout Int32, _ body: (UnsafeRawBufferPointer) -> Void) {
    guard file >= 0 else { return }
    withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
      let count = read(file, buffer.baseAddress, buffer.count)
      if count > 0 { return body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
      if count == 0 || (errno != EAGAIN && errno != EINTR) { finish(&file) }
    }
  }

  private func finish(_ file: inout Int32) {
    if file >= 0 { close(file) }
    file = -1
  }

  private func checkEnd(until deadline: ContinuousClock.Instant, _ seconds: Double) throws {
    var status: Int32 = 0
    while true {
      let found = waitpid(identifier, &status, WNOHANG)
      if found == identifier { break }
      // Where the process ignores SIGCHLD, the system keeps no status.
      if found < 0 && errno != EINTR { throw unknownEnd(SystemMessage.text()) }
      guard ContinuousClock.now < deadline else { throw ended(.tooSlow(seconds: seconds)) }
      usleep(2_000)
    }
    switch ProcessEnd(waitStatus: status) {
    case .exited(status: 0): break
    case .exited(let code): throw ExternalToolError(tool: tool, problem: .failed(status: code, said: said))
    case .signalled(let signal): throw ExternalToolError(tool: tool, problem: .killed(signal: signal, said: said))
    }
  }

  private func unknownEnd(_ reason: String) -> ExternalToolError {
    ExternalToolError(tool: tool, problem: .unknownEnd(reason: reason))
  }

  /// Ends the tool with everything that it started.
  private func ended(_ problem: ExternalToolError.Problem) -> ExternalToolError {
    kill(-identifier, SIGKILL)
    var status: Int32 = 0
    waitpid(identifier, &status, 0)
    return ExternalToolError(tool: tool, problem: problem)
  }
}
