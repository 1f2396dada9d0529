import ArgumentParser
import Recurve
import StandardStreams

struct DecodingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decoding",
    abstract: "Tokens per second of a GPT that adds one token at a time, beside its PyTorch twin.",
    discussion: """
      6 layers of width 256, 65 tokens, 256 positions, keys and values in a cache: each row reads a prompt of 32 tokens and goes \
      on greedily. With --python it is timed by turns with Tools/twins/decoding.py, eager and by torch.compile with a static \
      cache, from the same weights on the same prompts.
      """)

  @Option(help: "Sequences at once, numbers separated by commas.") var batch: String = "1,32"
  @Option(help: "A Python with torch and safetensors.") var python: String?
  @Option(help: "Rounds of turns with the twins.") var rounds: Int = 3
  @Option(help: "Seconds to measure in each turn.") var seconds: Double = 4
  @Option(help: "Threads.") var threads: Int = 2
  @Flag(help: "Prints one JSON object.") var json = false

  func validate() throws {
    _ = try batches()
    guard threads >= 1, rounds >= 1 else { throw ValidationError("--threads and --rounds need at least 1") }
    try WorkloadOptions.check(seconds: seconds)
  }

  private func batches() throws -> [Int] {
    try batch.split(separator: ",", omittingEmptySubsequences: false).map { text in
      guard let number = Int(text), (1...1024).contains(number) else {
        throw ValidationError("--batch got '\(text)', needs numbers from 1 to 1024")
      }
      return number
    }
  }

  func run() throws {
    var results: [DecodingResult] = []
    for batch in try batches() {
      let workload = try DecodingWorkload(batch: batch, threads: threads)
      let result = try workload.measure(python: python, rounds: rounds, seconds: seconds)
      if !json { try StandardStreams.print(result.lines) }
      results.append(result)
    }
    if json { try StandardStreams.print(try WorkloadOptions.json(results)) }
  }
}
