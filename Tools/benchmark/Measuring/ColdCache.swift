import CodeGeneration
import Foundation

/// An empty folder for compiled kernels.
struct ColdCache {
  let cache: KernelCache

  init() throws {
    let folder = NSTemporaryDirectory() + "recurve-benchmark-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    cache = KernelCache(folder: folder)
    try cache.createFolder()
  }

  func remove() { try? FileManager.default.removeItem(atPath: cache.folder) }
}
