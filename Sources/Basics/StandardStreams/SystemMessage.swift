import Foundation

/// What the system says of a call that failed.
public enum SystemMessage {
  /// In lower case, as it stands in a sentence.
  ///
  /// - Parameter code: the number of the failure; by default that of the last one.
  public static func text(_ code: Int32 = errno) -> String { String(cString: strerror(code)).lowercased() }
}
