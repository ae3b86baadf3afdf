package lang

// What staff decide on.
const (
	DocumentTitle Sentence = `身份证件人工审核 ‖ Identity document, reviewed by staff`
	TalkTitle     Sentence = `视频面谈 ‖ Video interview`
)
