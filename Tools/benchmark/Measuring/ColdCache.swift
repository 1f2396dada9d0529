import CodeGeneration
import Foundation

/// An empty folder for compiled kernels.
struct ColdCache {
  let cache: KernelCache
  private let folder: String

  init() {
    folder = NSTemporaryDirectory() + "recurve-benchmark-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    cache = KernelCache(folder: folder)
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
