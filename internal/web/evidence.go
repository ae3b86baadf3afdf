package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/lang"
)

// maxPart bounds what is read of one part of an upload: a picture of the largest kind, and a byte more, by which it is told as too large.
const maxPart = 8<<20 + 1

// handInEvidence takes what a person hands in for a review, and shows the case again. It is read part by part and never written to a
// disk on the way.
func handInEvidence(v *visit) {
	in, err := v.upload()
	if err == nil {
		_, err = v.Engine.HandIn(v.ctx(), v.by, v.idem(""), in)
	}
	if err != nil {
		v.page.Notice = v.refusal(err)
		v.casePage(statusOf(err))
		return
	}
	v.then("/cases/" + string(v.caseID()))
}

// upload reads the form. What was filled in counts for the form's idempotency, and of the pictures their hashes do.
func (v *visit) upload() (in engine.HandedIn, err error) {
	parts, err := v.r.MultipartReader()
	if err != nil {
		return in, jieling.Invalid("form", "must be multipart/form-data")
	}
	form := url.Values{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return in, uploadBroke(err)
		}
		content, err := io.ReadAll(io.LimitReader(part, maxPart))
		if err != nil {
			return in, uploadBroke(err)
		}
		switch {
		case part.FileName() == "" && part.FormName() != "image":
			form.Add(part.FormName(), string(content))
		case len(content) > 0: // a field for a file that nobody chose is there, and empty
			sum := sha256.Sum256(content)
			form.Add("image", hex.EncodeToString(sum[:]))
			in.Images = append(in.Images, content)
		}
	}
	v.r.PostForm = form
	in.Challenge, in.Consent, in.Lang = jieling.ChallengeID(form.Get("challenge")), form.Get("consent"), string(v.page.Lang)
	in.Slots, err = slots(form["slot"])
	return in, err
}

func uploadBroke(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &jieling.Error{Code: jieling.CodeTooLarge, Public: lang.ProblemTooLarge.Text()}
	}
	return jieling.Refuse(jieling.CodeInvalid, "上传没有完整到达，请再试一次。", "The upload did not arrive whole. Try again.")
}

// beijing is the time zone the form asks for; it has no summer time.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// slots reads times as browsers send them, without a zone.
func slots(typed []string) (out []time.Time, err error) {
	for _, s := range typed {
		if s == "" {
			continue
		}
		at, err := time.ParseInLocation("2006-01-02T15:04", s, beijing)
		if err != nil {
			return nil, jieling.Malformed("slots", "时间写成这样：2026-11-28T10:00。", "Write a time like this: 2026-11-28T10:00.")
		}
		out = append(out, at)
	}
	return out, nil
}

// documents serves the one address of the centre that takes more than a form.
func (p *pages) documents() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /cases/{case}/evidence", p.owner(handInEvidence))
	return p.Gate.Documents(mux, p.turnAway)
}
