package jieling

// Text is one sentence for a person in both languages of the product. Both are always filled.
type Text struct {
	ZH string `json:"zh-CN" yaml:"zh-CN"`
	EN string `json:"en" yaml:"en"`
}

// In returns the text in the language asked for; anything but "en" is Chinese, the language of the default deployment.
func (t Text) In(lang string) string {
	if lang == "en" {
		return t.EN
	}
	return t.ZH
}

// Empty reports whether neither language has been written.
func (t Text) Empty() bool { return t.ZH == "" && t.EN == "" }
