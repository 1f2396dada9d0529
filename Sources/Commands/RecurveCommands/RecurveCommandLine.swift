import ArgumentParser
import Experiments
import Foundation
import StandardStreams
import Synchronization
import Training

/// The command line, for the models of this project or of any other package.
///
///     RecurveCommandLine.main([MyModel.family], commands: [Ask.self])
public enum RecurveCommandLine {
  private struct Registry: Sendable {
    var families: [ModelFamily] = []
    var experiments: [Experiment] = []
    var commands: [any ParsableCommand.Type] = []
  }

  private static let registry = Mutex(Registry())

  /// Parses the process's arguments and runs the command.
  ///
  /// - Parameter commands: of the user's own, beside those that there are; what they throw is said as what those throw.
  ///
  /// The process exits with 64 when the arguments are wrong, with 128 and the signal after one that asked it to end, and with
  /// 1 after every other failure.
  public static func main(
    _ families: [ModelFamily], experiments: [Experiment] = [], commands: [any ParsableCommand.Type] = []
  ) {
    registry.withLock { $0 = Registry(families: families, experiments: experiments, commands: commands) }
    StandardStreams.surviveFailures()
    do {
      var command = try RootCommand.parseAsRoot()
      try command.run()
    } catch let error as any UsageError where error.isUsage {
      end(ValidationError("\(error)"))
    } catch { end(error) }
  }

  /// Shows what there is to say, quoted: names in files and arguments come from anywhere. Then ends the process.
  private static func end(_ error: any Error) -> Never {
    let code = RootCommand.exitCode(for: error)
    let message = RootCommand.fullMessage(for: error)
    guard !message.isEmpty else { exit(code.rawValue) }
    guard code.isSuccess else {
      StandardStreams.say(message)
      exit(code.rawValue)
    }
    do { try StandardStreams.print(message) } catch {
      StandardStreams.say("\(error)")
      exit(1)
    }
    exit(0)
  }

  static var families: [ModelFamily] { registry.withLock { $0.families } }
  static var experiments: [Experiment] { registry.withLock { $0.experiments } }
  static var commands: [any ParsableCommand.Type] { registry.withLock { $0.commands } }

  static func family(_ name: String) throws -> ModelFamily {
    guard let family = families.first(where: { $0.name == name }) else {
      throw CommandError.unknownModel(name, known: families.map(\.name))
    }
    return family
  }
}

struct RootCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "recurve",
      abstract: "Shows what recursion costs: memory and time of full, checkpointed and detached back-propagation.",
      subcommands: own + RecurveCommandLine.commands)
  }

  private static let own: [any ParsableCommand.Type] = [
    CompareCommand.self, ListCommand.self, PrintCommand.self, DiagramCommand.self, PlanCommand.self,
    ProfileCommand.self, TrainCommand.self, ShowCommand.self, PlotCommand.self, RunCommand.self, GenerateCommand.self,
    TokenizerCommand.self, ExportCommand.self, ImportCommand.self, LearnCommand.self, DoctorCommand.self,
  ]
}
