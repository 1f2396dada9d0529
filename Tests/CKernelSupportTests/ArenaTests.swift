import CKernelSupport
import Foundation
import Testing

@Suite struct ArenaTests {
  @Test func memoryIsAlignedZeroAndUsedOnlyWhenTouched() throws {
    let bytes: Int64 = (16 << 20) + 12_345
    let base = try #require(recurve_arena_create(bytes))
    defer { recurve_arena_destroy(base, bytes) }
    #expect(UInt(bitPattern: base) % (2 << 20) == 0)
    #expect(recurve_arena_resident_byte_count(base, bytes) == 0)
    let last = base.advanced(by: Int(bytes) - 1)
    #expect(last.load(as: UInt8.self) == 0)
    last.storeBytes(of: 7, as: UInt8.self)
    let resident = recurve_arena_resident_byte_count(base, bytes)
    #expect(resident > 0 && resident <= 4 << 20)
    memset(base, 1, Int(bytes))
    let page = Int64(sysconf(Int32(_SC_PAGESIZE)))
    #expect(recurve_arena_resident_byte_count(base, bytes) == (bytes + page - 1) / page * page)
    #expect(last.load(as: UInt8.self) == 1)
  }

  /// The arena ends in the middle of a huge page, which is in memory as a whole.
  @Test func releasedMemoryIsNowhere() throws {
    let bytes: Int64 = 3 << 20, whole: Int64 = 4 << 20
    let base = try #require(recurve_arena_create(bytes))
    defer { recurve_arena_destroy(base, bytes) }
    memset(base, 1, Int(whole))
    #expect(recurve_arena_resident_byte_count(base, whole) == whole)
    #expect(recurve_arena_release(base, bytes) == 0)
    #expect(recurve_arena_resident_byte_count(base, whole) == 0)
    #expect(base.load(as: UInt8.self) == 0)
  }

  @Test func whatCannotBeIsRefused() {
    #expect(recurve_arena_create(0) == nil)
    #expect(errno == EINVAL)
    #expect(recurve_arena_create(.max) == nil)
    #expect(errno == ENOMEM)
    #expect(recurve_arena_create(1 << 60) == nil)
    recurve_arena_destroy(nil, 0)
  }
}
