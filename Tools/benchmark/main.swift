import ArgumentParser
import StandardStreams

struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recurve-benchmark", abstract: "The workloads that Recurve and its peers run side by side.",
    subcommands: [
      WorkloadOne.self, WorkloadTwo.self, WorkloadThree.self, WorkloadFour.self, UnseenCommand.self,
      DecodingCommand.self,
      AllCommand.self, TableCommand.self,
    ])
}

StandardStreams.surviveFailures()
BenchmarkCommand.main()
