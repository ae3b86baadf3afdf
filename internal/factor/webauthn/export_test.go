package webauthn

// BootVerified is for the tests of this package: only Google can sign a whole statement.
var BootVerified = bootVerified
