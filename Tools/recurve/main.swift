import LearningPath
import RecurveCommands
import TinyRecursion
import WordVectors

RecurveCommandLine.main(
  [TinyRecursion.family, WordVectors.family], experiments: LearningPath.experiments,
  commands: [SolveCommand.self, AblateCommand.self] + WordVectors.commands)
