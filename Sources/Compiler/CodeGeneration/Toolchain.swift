import Foundation
import StandardStreams

/// The C compiler that turns kernels into machine code.
public struct Toolchain: Sendable {
  public let path: String
  public let flags: [String]

  /// Finds clang: `RECURVE_CC`, else the search path.
  ///
  /// - Returns: nil when there is none; then only the reference evaluation can run.
  public static func find(environment: [String: String] = ProcessInfo.processInfo.environment) -> Toolchain? {
    if let chosen = environment["RECURVE_CC"], !chosen.isEmpty {
      return FileManager.default.isExecutableFile(atPath: chosen) ? Toolchain(path: chosen, environment) : nil
    }
    let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    let candidates = folders.map { $0 + "/clang" }
    return candidates.first(where: FileManager.default.isExecutableFile).map { Toolchain(path: $0, environment) }
  }

  private init(path: String, _ environment: [String: String]) {
    self.path = path
    let named = environment["RECURVE_MARCH"] ?? ""
    let architecture = named.isEmpty ? "native" : named
    #if arch(x86_64)
      let target = ["-march=\(architecture)", "-mprefer-vector-width=512"]
    #else
      let target = ["-mcpu=\(architecture)"]
    #endif
    // One place in memory holds values of several types one after another, also within a kernel.
    flags =
      target + [
        "-O3", "-std=c17", "-shared", "-fPIC", "-ffp-contract=off", "-fno-math-errno", "-fno-strict-aliasing", "-w",
        "-nostdlib",
      ]
  }

  private init(path: String, flags: [String]) {
    self.path = path
    self.flags = flags
  }

  /// The same compiler at another level of optimization, 3 unless chosen: the same bits, compiled sooner, running later.
  public func optimizing(_ level: Int) -> Toolchain {
    Toolchain(path: path, flags: flags.map { $0 == "-O3" ? "-O\(level)" : $0 })
  }

  /// What decides the machine code besides the source: compiler, flags and processor.
  ///
  /// The compiler is the file that its name leads to: a link stays the same when what it names is replaced.
  var fingerprint: String {
    let resolved = realpath(path, nil).map { pointer in
      defer { free(pointer) }
      return String(cString: pointer)
    }
    var status = stat()
    stat(path, &status)
    let date = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    return "\(resolved ?? path) \(status.st_size) \(date) \(flags.joined(separator: " ")) \(Self.processor)"
  }

  static let processor: String = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") }.map(String.init)
      ?? ""
  }()

  /// Starts compiling a source file into a shared object.
  func start(source: String, output: String) throws -> Compilation {
    let arguments = [path] + flags + ["-o", output, source]
    var identifier = pid_t()
    var cArguments: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    cArguments.append(nil)
    defer { for argument in cArguments { free(argument) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A program that hears signals ends what it is at, its compiler with it; another one ends with its compiler.
    if Self.hearsInterrupts {
      posix_spawnattr_setpgroup(&attributes, 0)
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    }
    let log = output + ".log"
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    var status = posix_spawn(&identifier, path, &actions, &attributes, cArguments, environ)
    // A compiler that was written just now may still be open in a process that another thread is starting.
    for _ in 0..<100 where status == ETXTBSY {
      usleep(10_000)
      status = posix_spawn(&identifier, path, &actions, &attributes, cArguments, environ)
    }
    guard status == 0 else { throw CompilationError.cannotStart(path, SystemMessage.text(status)) }
    return Compilation(process: identifier, log: log)
  }

  /// Whether the process has a handler for Ctrl-C or its like.
  private static var hearsInterrupts: Bool {
    [SIGINT, SIGTERM, SIGHUP].contains { signal in
      var action = sigaction()
      sigaction(signal, nil, &action)
      let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      // The default is 0.
      return handler != 0 && handler != unsafeBitCast(SIG_IGN, to: Int.self)
    }
  }

  /// A compiler at work.
  struct Compilation {
    let process: pid_t
    let log: String

    /// Waits for the end; throws what the compiler printed if it failed, or that its status cannot be known.
    func wait() throws {
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0 {
        if errno == EINTR { continue }
        // Where the process ignores SIGCHLD, the system keeps no status: success must not be taken for granted.
        throw CompilationError.unknownEnd(SystemMessage.text())
      }
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      unlink(log)
      let end = ProcessEnd(waitStatus: status)
      if end != .exited(status: 0) { throw CompilationError.failed(end, text) }
    }
  }
}

/// Why kernels could not be compiled or loaded.
public enum CompilationError: Error, CustomStringConvertible {
  case cannotStart(String, String)
  /// How the compiler ended, and what it printed.
  case failed(ProcessEnd, String)
  case unknownEnd(String)
  case unwritableCache(String, String)
  case unloadable(String, String)

  public var description: String {
    switch self {
    case .cannotStart(let path, let reason): "cannot start the C compiler \(path): \(reason)"
    case .failed(let end, let text):
      "the C compiler failed on generated code (\(end)); `recurve print --stage kernels` shows it:\n\(text)"
    case .unknownEnd(let reason):
      "the C compiler's status cannot be known: \(reason); needs a process that does not ignore SIGCHLD"
    case .unwritableCache(let path, let reason):
      "cannot write the kernel cache \(path): \(reason); needs a writable folder, choose one with RECURVE_CACHE"
    case .unloadable(let path, let reason): "cannot load compiled kernels \(path): \(reason)"
    }
  }
}
