import Foundation

/// What the system says of a call that failed.
public enum SystemMessage {
  /// In lower case, as it stands in a sentence.
  ///
  /// - Parameter code: the number of the failure; by default that of the last one.
  public static func text(_ code: Int32 = errno) -> String { String(cString: strerror(code)).lowercased() }

  /// What the system said, which errors of Foundation have inside and do not tell.
  public static func text(of error: any Error) -> String {
    let inner = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    return inner.map { text(Int32($0.code)) } ?? error.localizedDescription
  }
}
