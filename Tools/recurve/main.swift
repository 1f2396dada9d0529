import ArithmeticGPT
import CharacterGPT
import LearningPath
import MaskedLanguageModel
import RecurveCommands
import SudokuByMoves
import TinyRecursion
import WordVectors

RecurveCommandLine.main(
  [
    TinyRecursion.family, WordVectors.family, SudokuByMoves.family, Arithmetic.family, Characters.family,
    MaskedLanguageModel.family,
  ],
  experiments: LearningPath.experiments,
  commands: TinyRecursion.commands + [AskCommand.self] + WordVectors.commands + SudokuByMoves.commands
    + MaskedLanguageModel.commands)
