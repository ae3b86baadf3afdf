package api

import (
	"encoding/base64"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
	"github.com/ogen-go/ogen/ogenerrors"
	"github.com/ogen-go/ogen/validate"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
)

// What a field should have been. None of these sentences repeats what was sent: it may have been a secret.
var (
	wantKnown     = jieling.Text{ZH: "接口没有这个字段", EN: "is not a field of this call"}
	wantOnce      = jieling.Text{ZH: "重复出现", EN: "stands more than once"}
	wantGiven     = jieling.Text{ZH: "必须填写", EN: "is required"}
	wantLonger    = jieling.Text{ZH: "太短", EN: "is too short"}
	wantShorter   = jieling.Text{ZH: "太长", EN: "is too long"}
	wantForm      = jieling.Text{ZH: "格式不正确", EN: "does not have the form the document gives"}
	wantType      = jieling.Text{ZH: "类型或取值不正确", EN: "has the wrong type, or a value that the document does not list"}
	wantJSON      = jieling.Text{ZH: "不是有效的 JSON", EN: "is not valid JSON"}
	wantUTF8      = jieling.Text{ZH: "不是有效的 UTF-8 文本", EN: "is not valid UTF-8"}
	wantNFC       = jieling.Text{ZH: "文本必须为 Unicode NFC 形式", EN: "must be in Unicode NFC"}
	wantNoControl = jieling.Text{ZH: "不能包含控制字符", EN: "must not contain control characters"}
	wantFlat      = jieling.Text{ZH: "层级过深或字段过多", EN: "nests too deeply or has too many fields"}
	wantUTC       = jieling.Text{ZH: "必须为 UTC 时间(以 Z 结尾)", EN: "must be in UTC, ending in Z"}
	wantOneOf     = jieling.Text{ZH: "answer 和 credential 只能填一个", EN: "cannot stand beside answer"}
	wantObject    = jieling.Text{ZH: "必须是 JSON 对象", EN: "must be a JSON object"}
	wantState     = jieling.Text{ZH: "请原样带回 options 返回的 state", EN: "must be the state that the call for options returned, unchanged"}
	wantNoBody    = jieling.Text{ZH: "此接口不需要请求内容", EN: "must be empty: this call takes none"}
)

// invalid is the error of one field, in the caller's language.
func invalid(lang, field string, want jieling.Text) *jieling.Error {
	return &jieling.Error{
		Code:   jieling.CodeInvalid,
		Public: jieling.Text{ZH: "请求有误：" + field + " " + want.ZH + "。", EN: "The request is not valid: " + field + " " + want.EN + "."},
		Fields: []jieling.FieldError{{Field: field, Message: want.In(lang)}},
	}
}

// decodeError turns what the generated server says of a request it could not read into a refusal that names the fields.
func decodeError(err error, lang string) error {
	var wrongType *validate.InvalidContentTypeError
	var security *ogenerrors.SecurityError
	switch {
	case errors.As(err, &security):
		return &jieling.Error{Code: jieling.CodeUnauthenticated}
	case errors.Is(err, validate.ErrBodyRequired):
		return invalid(lang, "body", wantGiven)
	case errors.As(err, &wrongType):
		return invalid(lang, "Content-Type", wantType)
	}
	var request *ogenerrors.DecodeRequestError
	var params *ogenerrors.DecodeParamsError
	if !errors.As(err, &request) && !errors.As(err, &params) {
		return err // not the caller's fault
	}
	faults := faultsOf(err, nil)
	first := invalid(lang, faults[0].field, faults[0].want)
	first.Fields = nil
	for _, f := range faults {
		first.Fields = append(first.Fields, jieling.FieldError{Field: f.field, Message: f.want.In(lang)})
	}
	return first
}

type fault struct {
	field string
	want  jieling.Text
}

var (
	decodedField    = regexp.MustCompile(`decode field "([A-Za-z_]+)"`)
	unexpectedField = regexp.MustCompile(`unexpected field ("(?:[^"\\]|\\.)*")`)
)

// faultsOf walks ogen's errors. Validation names fields in a type; decoding only in its sentences, which come from the
// generated code and quote the name of an unknown field.
func faultsOf(err error, path []string) []fault {
	var param *ogenerrors.DecodeParamError
	if errors.As(err, &param) {
		path, err = []string{param.Name}, param.Err
	} else {
		for _, m := range decodedField.FindAllStringSubmatch(err.Error(), -1) {
			path = append(slices.Clip(path), m[1])
		}
	}
	var many *validate.Error
	if errors.As(err, &many) && len(many.Fields) > 0 {
		if param != nil {
			path = nil // the only field is the parameter itself
		}
		var out []fault
		for _, f := range many.Fields {
			out = append(out, faultsOf(f.Error, append(slices.Clip(path), f.Name))...)
		}
		return out
	}
	if m := unexpectedField.FindStringSubmatch(err.Error()); m != nil && param == nil {
		name, _ := strconv.Unquote(m[1])
		return []fault{{strings.Join(append(slices.Clip(path), clip(name)), "."), wantKnown}}
	}
	field := strings.Join(path, ".")
	if field == "" {
		field = "body"
	}
	return []fault{{field, wanted(err)}}
}

// wanted says what one fault was by its type, because the sentences of validation errors repeat values.
func wanted(err error) jieling.Text {
	var short *validate.MinLengthError
	var long *validate.MaxLengthError
	var form *validate.NoRegexMatchError
	switch {
	case errors.Is(err, validate.ErrFieldRequired):
		return wantGiven
	case errors.As(err, &short):
		return wantLonger
	case errors.As(err, &long):
		return wantShorter
	case errors.As(err, &form):
		return wantForm
	}
	return wantType
}

// given is what a person gave, as text or as their browser's JSON: one of the two, or nothing for a vendor's page.
func given(lang string, text oas.OptString, credential jx.Raw) ([]byte, error) {
	switch {
	case len(credential) == 0 && !text.Set:
		return nil, nil
	case len(credential) == 0:
		return []byte(text.Value), nil
	case text.Set:
		return nil, invalid(lang, "credential", wantOneOf)
	case credential.Type() != jx.Object:
		return nil, invalid(lang, "credential", wantObject)
	}
	return credential, nil
}

func openState(lang string, state oas.OptString) ([]byte, error) {
	if !state.Set {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(state.Value)
	if err != nil {
		return nil, invalid(lang, "state", wantState)
	}
	return raw, nil
}
