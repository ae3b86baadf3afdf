package factor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/image/webp"

	"github.com/jieling-id/jieling"
)

// What may be handed in for a review, and how often.
const (
	MaxImages     = 4
	MaxImageBytes = 8 << 20
	MaxSlots      = 5
	reviewLimit   = 3              // times something may be handed in with one challenge
	reviewTTL     = 24 * time.Hour // to hand it in; from then on it is due when staff have to decide
	maxSide       = 16_000         // pixels, as the header says: nothing is decoded here
	minSide       = 64
)

// Review is the judgement of staff on what a person hands in (V2, V8): a document, or a talk by video. The person answers nothing here;
// handing in, looking at it and deciding are the engine's.
type Review struct {
	Of        jieling.Factor // jieling.DocumentReview or jieling.VideoInterview
	Retention time.Duration  // how long a document is kept after the decision
}

var _ Factor = Review{}

// ReviewPublic is what the page that hands in needs to know.
type ReviewPublic struct {
	Consent Consent `json:"consent"`
	Images  int     `json:"images"`          // how many at most; 0: none are taken
	Bytes   int     `json:"bytes,omitempty"` // of each, at most
	Slots   int     `json:"slots,omitempty"` // how many times to propose at most
}

// Consent is what a person agrees to before they hand in: a sentence of its own, apart from everything else (PIPL 29).
type Consent struct {
	Version string `json:"version"` // changes with every word, and with how long things are kept
	jieling.Text
}

// Consent words it.
func (r Review) Consent() Consent {
	if r.Of == jieling.VideoInterview {
		return Consent{Version: "talk-1", Text: jieling.Text{
			ZH: "我单独同意：工作人员为核实这次解绑是不是我本人，与我视频面谈，并记下约定的时间和结论。面谈不录音录像，会议地址在决定作出后删除。",
			EN: "I consent, separately, that staff talk to me by video to make sure that this request is mine, and keep the time agreed and the outcome. The talk is not recorded, and its address is deleted once it is decided.",
		}}
	}
	days := int(r.Retention / (24 * time.Hour))
	n := strconv.Itoa(days)
	kept := jieling.Text{ZH: "决定作出后最多保留 " + n + " 天，到期自动删除", EN: "kept for at most " + n + " days after the decision and then deleted"}
	if days == 0 {
		kept = jieling.Text{ZH: "决定作出后一天之内删除", EN: "deleted within a day of the decision"}
	}
	return Consent{Version: fmt.Sprintf("document-1-%dd", days), Text: jieling.Text{
		ZH: "我单独同意：为核实这次解绑是不是我本人，处理我提交的身份证件照片（敏感个人信息）。照片加密保存，只有经办的审核员能看，每次查看都记在我的操作记录里；" +
			kept.ZH + "，我撤回时立即删除。",
		EN: "I consent, separately, that the pictures of my identity document (sensitive personal information) are used to make sure that this request is mine. They are stored encrypted, " +
			"seen by the reviewers in charge alone, with every look on my record; they are " + kept.EN + ", and at once if I take them back.",
	}}
}

// Issue makes the challenge: nothing is secret about it.
func (r Review) Issue(context.Context, Ask) (Issued, error) {
	p := ReviewPublic{Consent: r.Consent(), Images: MaxImages, Bytes: MaxImageBytes}
	if r.Of == jieling.VideoInterview {
		p.Images, p.Bytes, p.Slots = 0, 0, MaxSlots
	}
	public, err := json.Marshal(p)
	if err != nil {
		return Issued{}, fmt.Errorf("issue a review: %w", err)
	}
	return Issued{Public: public, TTL: reviewTTL, Limit: reviewLimit}, nil
}

// Check takes no answer: whatever a person gives, it is staff who decide.
func (r Review) Check(context.Context, jieling.Challenge, []byte, []Enrolled, Answer) (Verdict, error) {
	return Verdict{}, ByStaff()
}

// ByStaff says that a review is not answered by the person.
func ByStaff() *jieling.Error {
	return jieling.Refuse(jieling.CodeConflict, "这项由工作人员审核。请在这里提交材料，不需要填写答案。", "Staff decide on this one. Hand in what they ask for; there is no answer to give.")
}

// ReadImage checks one picture by its content, whatever its name says, without decoding it: a header that promises more pixels than any
// camera has is refused before anybody's browser meets it. An error is for the person.
func ReadImage(content []byte) (jieling.Image, error) {
	if len(content) > MaxImageBytes {
		return jieling.Image{}, badImage("每张图片不能超过 8 MB。请缩小后再提交。", "A picture may have at most 8 MiB. Make it smaller and hand it in again.")
	}
	kind := http.DetectContentType(content)
	var header image.Config
	var err error
	switch kind {
	case "image/jpeg":
		header, err = jpeg.DecodeConfig(bytes.NewReader(content))
	case "image/png":
		header, err = png.DecodeConfig(bytes.NewReader(content))
	case "image/webp":
		header, err = webp.DecodeConfig(bytes.NewReader(content))
	case "application/pdf":
		return jieling.Image{}, badImage("不能提交 PDF。请把证件拍成照片（JPEG、PNG 或 WebP）再提交。", "PDF is not taken. Take a picture of the document (JPEG, PNG or WebP) and hand that in.")
	default:
		return jieling.Image{}, badImage("这不是可用的图片。请使用 JPEG、PNG 或 WebP。", "This is not a picture we can use. Use JPEG, PNG or WebP.")
	}
	switch {
	case err != nil:
		return jieling.Image{}, badImage("图片打不开，可能已损坏。请重新拍一张。", "The picture cannot be opened and may be damaged. Take another one.")
	case header.Width < minSide || header.Height < minSide || header.Width > maxSide || header.Height > maxSide:
		return jieling.Image{}, badImage("图片太小或太大。请重新拍一张，边长 64 到 16000 像素。", "The picture is too small or too large. Each side must have 64 to 16000 pixels.")
	}
	return jieling.Image{Type: kind, Size: len(content)}, nil
}

func badImage(zh, en string) *jieling.Error { return jieling.Malformed("images", zh, en) }
