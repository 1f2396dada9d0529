import Recurve
import RecurveCommands

let family = ModelFamily(
  name: "majority", summary: "A recurrent network that says whether most bits of a string are ones",
  presets: [
    ModelPreset(
      "small", batch: 64, depth: 15, recipe: Recipe(steps: 400, learningRate: 0.01, schedule: .cosine, clippingNorm: 1))
  ], depthName: "bits"
) { options in
  let length = options.depth ?? 15
  if length.isMultiple(of: 2) {
    throw ModelFamilyError.setting("depth", found: "\(length)", needed: "an odd number of bits")
  }
  let model = Majority(width: 32, batch: options.batch ?? 64, length: length, gradient: options.gradient ?? .full)
  return MajorityTask(model, seed: options.seed)
}

RecurveCommandLine.main([family])
