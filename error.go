package jieling

import (
	"errors"
	"fmt"
	"time"
)

// Code is a stable name of an error that callers may act on. docs/reference/errors.md has each with cause and next step.
type Code string

// The codes of the service.
const (
	CodeInvalid          Code = "invalid_argument"
	CodeUnauthenticated  Code = "unauthenticated"
	CodeForbidden        Code = "forbidden"
	CodeNotFound         Code = "not_found"
	CodeConflict         Code = "conflict"
	CodeStale            Code = "stale_version"
	CodeBindingExists    Code = "binding_exists"
	CodeCaseClosed       Code = "case_closed"
	CodeIdempotency      Code = "idempotency_key_reused"
	CodeLastWayIn        Code = "last_way_in"
	CodeLockout          Code = "lockout_risk"
	CodeReplacement      Code = "replacement_required"
	CodeBackup           Code = "backup_unsettled"
	CodeStep             Code = "step_pending"
	CodeStepUnseen       Code = "step_not_seen"
	CodeVerification     Code = "verification_required"
	CodeNotEnrolled      Code = "factor_not_enrolled"
	CodeNotAsked         Code = "factor_not_asked"
	CodeNotOnPlatform    Code = "not_on_this_platform"
	CodeProviderUnknown  Code = "provider_unknown"
	CodeFrozen           Code = "account_frozen"
	CodeGuarded          Code = "guarded_window"
	CodeWrongAnswer      Code = "wrong_answer"
	CodeChallengeExpired Code = "challenge_expired"
	CodeChallengeUsed    Code = "challenge_used"
	CodeSameDevice       Code = "same_device"
	CodeTooMany          Code = "too_many_attempts"
	CodeDependency       Code = "dependency_unavailable"
	CodeTooLarge         Code = "body_too_large"
	CodeSignature        Code = "bad_signature"
	CodeInternal         Code = "internal"
)

// Error is an error with two readers: Public is for the caller and says what happened and what to do next; Err is for the
// log and never leaves the process.
type Error struct {
	Code   Code
	Public Text
	Fields []FieldError
	After  time.Duration // when to try again, where that is known
	Err    error
}

// FieldError says what is wrong with one field of a request, by its JSON path.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error implements error for the log.
func (e *Error) Error() string {
	switch {
	case e.Err != nil:
		return fmt.Sprintf("%s: %v", e.Code, e.Err)
	case len(e.Fields) > 0:
		return fmt.Sprintf("%s: %s: %s", e.Code, e.Fields[0].Field, e.Fields[0].Message)
	default:
		return fmt.Sprintf("%s: %s", e.Code, e.Public.EN)
	}
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, &Error{Code: c}) compare codes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Err == nil
}

// CodeOf returns the code of the first [Error] in err's chain, CodeInternal where there is none, and "" for nil.
func CodeOf(err error) Code {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Code
	default:
		return CodeInternal
	}
}

// Refuse makes an Error from its code and its public sentence in both languages.
func Refuse(code Code, zh, en string) *Error { return &Error{Code: code, Public: Text{ZH: zh, EN: en}} }

// Malformed makes the error of one bad field that a person filled in: in words for them, which name no field.
func Malformed(field, zh, en string) *Error {
	return &Error{Code: CodeInvalid, Public: Text{ZH: zh, EN: en}, Fields: []FieldError{{Field: field, Message: en}}}
}

// Invalid makes the error of one bad field that a program filled in.
func Invalid(field, message string) *Error {
	return &Error{
		Code:   CodeInvalid,
		Public: Text{ZH: "请求有误：" + field + "。", EN: "The request is not valid: " + field + " " + message + "."},
		Fields: []FieldError{{Field: field, Message: message}},
	}
}
