package factor_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/factor"
	"github.com/jieling-id/jieling/internal/factor/factortest"
	"github.com/jieling-id/jieling/internal/keyring"
)

func keys(t *testing.T) *keyring.Keyring {
	t.Helper()
	k, err := keyring.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func digits(texts ...string) (answers []factor.Answer) {
	for _, s := range texts {
		answers = append(answers, factor.Answer{Given: []byte(s)})
	}
	return answers
}

var notSixDigits = digits("", "12345", "1234567", "12345a", "１２３４５６", " 12345", "12345\n", "-12345", "+12345")

func pinExam(t *testing.T) factortest.Exam {
	pin := factor.PIN{Keys: keys(t)}
	kept, err := pin.Enrol(t.Context(), jieling.Account{ID: factortest.Account}, nil, []byte("402817"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(kept.Secret, []byte("402817")) || strings.ContainsAny(kept.Label, "0123456789") {
		t.Errorf("the PIN shows: %+v", kept)
	}
	return factortest.Exam{
		Factor:   pin,
		Enrolled: []factor.Enrolled{{Enrolment: jieling.Enrolment{ID: "fac_1"}, Open: kept.Secret}},
		Answer: func(_ *testing.T, _ jieling.Challenge, _ factor.Issued, right bool) factor.Answer {
			return factor.Answer{Given: []byte(map[bool]string{true: "402817", false: "402818"}[right])}
		},
		Malformed: notSixDigits,
		Constant:  true,
		MaxTTL:    5 * time.Minute,
		MaxLimit:  5,
	}
}

func TestPIN(t *testing.T) { factortest.Run(t, pinExam(t)) }

func TestS10_APINSetAfterTheChallengeDoesNotAnswerIt(t *testing.T) {
	exam := pinExam(t)
	p := exam.Put(t, 1)
	exam.Enrolled[0].ID = "fac_2" // the thief set a PIN of their own
	verdict, err := exam.Factor.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{Given: []byte("402817")})
	if err != nil || verdict.Passed {
		t.Fatalf("got %+v, %v", verdict, err)
	}
}

func TestPINOfAnotherAccountIsNoUse(t *testing.T) {
	exam := pinExam(t)
	p := exam.Put(t, 1)
	p.Challenge.Account = "acc_00000000000000000000000009"
	verdict, err := exam.Factor.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{Given: []byte("402817")})
	if err != nil || verdict.Passed {
		t.Fatalf("got %+v, %v", verdict, err)
	}
}

func TestPINIssueTakesTheNewest(t *testing.T) {
	exam := pinExam(t)
	old := exam.Enrolled[0]
	young := old
	young.ID, young.CreatedAt = "fac_2", factortest.Now
	exam.Enrolled = []factor.Enrolled{young, old}
	p := exam.Put(t, 1)
	verdict, err := exam.Factor.Check(t.Context(), p.Challenge, p.Issued.Secret, exam.Enrolled, factor.Answer{Given: []byte("402817")})
	if err != nil || verdict.Enrol != "fac_2" {
		t.Fatalf("got %+v, %v", verdict, err)
	}
}

func TestPINEnrolRefusesWhatEverybodyTries(t *testing.T) {
	pin := factor.PIN{Keys: keys(t)}
	for _, common := range []string{
		"000000", "111111", "123456", "654321", "012345", "890123", "135791", "121212", "123123", "112233", "111222", "520520",
		"900101", "881231", "000229", "199003", "201212", "147258", "520131",
	} {
		_, err := pin.Enrol(t.Context(), jieling.Account{ID: factortest.Account}, nil, []byte(common))
		if jieling.CodeOf(err) != jieling.CodeInvalid {
			t.Errorf("%s: %v", common, err)
		} else if strings.Contains(err.Error(), common) {
			t.Errorf("the error repeats the PIN: %v", err)
		}
	}
	for _, fine := range []string{"402817", "739105", "991399"} {
		if _, err := pin.Enrol(t.Context(), jieling.Account{ID: factortest.Account}, nil, []byte(fine)); err != nil {
			t.Errorf("%s: %v", fine, err)
		}
	}
}

func smsExam(t *testing.T) factortest.Exam {
	return factortest.Exam{
		Factor: factor.SMS{Keys: keys(t)},
		Answer: func(_ *testing.T, _ jieling.Challenge, issued factor.Issued, right bool) factor.Answer {
			code := []byte(issued.Send.Code)
			if !right {
				code[5] = '0' + (code[5]-'0'+1)%10
			}
			return factor.Answer{Given: code}
		},
		Malformed: notSixDigits,
		MaxTTL:    5 * time.Minute,
		MaxLimit:  5,
	}
}

func TestSMS(t *testing.T) { factortest.Run(t, smsExam(t)) }

func TestS11_TheCodeGoesToTheStoredNumberAndSaysWhatItIsFor(t *testing.T) {
	exam := smsExam(t)
	issued := exam.Put(t, 1).Issued
	m := issued.Send
	if m.To != factortest.Number || m.Channel != "sms" || m.Minutes != 5 {
		t.Errorf("got %+v", m)
	}
	for lang, wants := range map[string][]string{
		"zh-CN": {m.Code, "解绑 QQ 12****4821", "5 分钟", "任何人（包括客服）都不会向你要验证码"},
		"en":    {m.Code, "unlink QQ 12****4821", "5 minutes", "Nobody, support included, will ever ask you for it"},
	} {
		for _, want := range wants {
			if !strings.Contains(m.Text.In(lang), want) {
				t.Errorf("%s: %q lacks %q", lang, m.Text.In(lang), want)
			}
		}
	}
	if bytes.Contains(issued.Public, []byte(factortest.Number)) || !bytes.Contains(issued.Public, []byte("****1234")) {
		t.Errorf("Public shows %s", issued.Public)
	}
}

func emailExam(t *testing.T) factortest.Exam {
	exam := smsExam(t)
	exam.Factor, exam.MaxTTL = factor.Email{Keys: keys(t), Near: []string{"mail.example"}}, 10*time.Minute
	return exam
}

func TestFreeze(t *testing.T) {
	factortest.Run(t, factortest.Exam{
		Factor: factor.Freeze{Keys: keys(t)},
		Answer: func(_ *testing.T, _ jieling.Challenge, _ factor.Issued, right bool) factor.Answer {
			return factor.Answer{Given: []byte(map[bool]string{true: "freeze", false: "keep"}[right])}
		},
		Malformed: digits(""),
		Constant:  true,
		Everybody: true,
		MaxTTL:    10 * time.Minute,
		MaxLimit:  3,
	})
}

func TestEmail(t *testing.T) { factortest.Run(t, emailExam(t)) }

// A6: a code to a mailbox elsewhere may come late: it is valid for longer, and the page is told to say so.
func TestA6_ACodeToAMailboxElsewhereIsValidForLonger(t *testing.T) {
	exam := emailExam(t)
	for mailbox, want := range map[string]factor.EmailPublic{
		factortest.Mailbox:     {To: "l***@mail.example", Digits: 6, Minutes: 10},
		"Lin@Mail.Example":     {To: "L***@mail.example", Digits: 6, Minutes: 10},
		"lin@far.example":      {To: "l***@far.example", Digits: 6, Minutes: 30, Late: true},
		"lin@sub.mail.example": {To: "l***@sub.mail.example", Digits: 6, Minutes: 30, Late: true},
	} {
		ask := exam.Ask(1)
		ask.Mailbox = mailbox
		issued, err := exam.Factor.Issue(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		var public factor.EmailPublic
		if err := json.Unmarshal(issued.Public, &public); err != nil || public != want || issued.TTL != time.Duration(want.Minutes)*time.Minute {
			t.Errorf("%s: %+v for %s, %v; want %+v", mailbox, public, issued.TTL, err, want)
		}
		if m := issued.Send; m.To != mailbox || m.Channel != jieling.ByEmail || m.Minutes != want.Minutes || !strings.Contains(m.Text.ZH, m.Code) {
			t.Errorf("sent %+v", m)
		}
	}
}

// Codes are drawn evenly: bytes that would favour small numbers are thrown away, and leading zeros stay.
func TestS26_CodesAreUniform(t *testing.T) {
	sms := factor.SMS{Keys: keys(t)}
	draw := func(bytes ...byte) string {
		ask := factortest.Exam{Factor: sms}.Ask(1)
		ask.Random = func(n int) []byte {
			next := bytes[:n]
			bytes = bytes[n:]
			return next
		}
		issued, err := sms.Issue(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		return issued.Send.Code
	}
	if got := draw(0, 0, 0, 7); got != "000007" {
		t.Errorf("got %s", got)
	}
	// 2³² = 4294·10⁶ + 967296: the last incomplete million is thrown away, the draw before it is not.
	if got := draw(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 8); got != "000008" {
		t.Errorf("a biased draw was used: %s", got)
	}
	if got := draw(0xff, 0xf1, 0x3d, 0x80-1, 0, 0, 0, 9); got != "999999" {
		t.Errorf("the last even draw was thrown away: %s", got)
	}
	if got := draw(0xff, 0xf1, 0x3d, 0x80, 0, 0, 0, 9); got != "000009" {
		t.Errorf("the first biased draw was used: %s", got)
	}
}

func qrExam(t *testing.T) factortest.Exam {
	return factortest.Exam{
		Factor: factor.QR{Keys: keys(t)},
		Answer: func(t *testing.T, _ jieling.Challenge, issued factor.Issued, right bool) factor.Answer {
			shown := shownOn(t, issued)
			if !right {
				shown.Number = 10 + (shown.Number-10+1)%90
			}
			return factor.Answer{Number: shown.Number, Device: factortest.Phone}
		},
		Malformed: []factor.Answer{{Device: factortest.Phone}, {Device: factortest.Phone, Number: 9}, {Device: factortest.Phone, Number: 100}},
		Everybody: true,
		MaxTTL:    time.Minute,
		MaxLimit:  1,
	}
}

func shownOn(t *testing.T, issued factor.Issued) (shown factor.QRPublic) {
	t.Helper()
	if err := json.Unmarshal(issued.Public, &shown); err != nil {
		t.Fatal(err)
	}
	return shown
}

func TestQR(t *testing.T) { factortest.Run(t, qrExam(t)) }

func TestS12_OnlyTheClaimantApprovesAndNeverTheInitiator(t *testing.T) {
	exam := qrExam(t)
	p := exam.Put(t, 1)
	right := shownOn(t, p.Issued).Number
	for name, test := range map[string]struct {
		device, claimant jieling.DeviceID
		want             jieling.Code
	}{
		"another device":           {"dev_00000000000000000000000003", factortest.Phone, jieling.CodeForbidden},
		"no device":                {"", factortest.Phone, jieling.CodeForbidden},
		"nobody claimed":           {"", "", jieling.CodeForbidden},
		"the initiator claimed":    {factortest.Initiator, factortest.Initiator, jieling.CodeSameDevice},
		"the initiator, unclaimed": {factortest.Initiator, factortest.Phone, jieling.CodeForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			ch := p.Challenge
			ch.Claimant = test.claimant
			verdict, err := exam.Factor.Check(t.Context(), ch, p.Issued.Secret, nil, factor.Answer{Number: right, Device: test.device})
			if verdict.Passed || jieling.CodeOf(err) != test.want {
				t.Errorf("got %+v, %v", verdict, err)
			}
		})
	}
}

func TestQRNumbersAreThreeWithTheRightOneAmongThem(t *testing.T) {
	exam := qrExam(t)
	places := map[int]int{}
	for n := range byte(60) {
		issued := exam.Put(t, n).Issued
		numbers, err := factor.Offered(issued.Secret)
		if err != nil {
			t.Fatal(err)
		}
		place := slices.Index(numbers, shownOn(t, issued).Number)
		if len(numbers) != 3 || place < 0 || numbers[0] == numbers[1] || numbers[1] == numbers[2] || numbers[0] == numbers[2] {
			t.Fatalf("%v for %d", numbers, shownOn(t, issued).Number)
		}
		places[place]++
	}
	if len(places) != 3 {
		t.Errorf("the right number is always in one of %v", places)
	}
}

func TestQRCodeIsFoundByWhatIsScannedOrTyped(t *testing.T) {
	exam := qrExam(t)
	issued := exam.Put(t, 1).Issued
	shown := shownOn(t, issued)
	if len(shown.Code) != 26 || shown.Path != "/approve/"+shown.Code {
		t.Fatalf("got %+v", shown)
	}
	mistyped := strings.NewReplacer("0", "O", "1", "l").Replace(strings.ToUpper(shown.Code[:13]) + "-" + shown.Code[13:])
	for _, typed := range []string{shown.Code, strings.ToUpper(shown.Code), mistyped} {
		if hash, ok := factor.ScanHash(typed); !ok || hash != issued.Code {
			t.Errorf("%q is not found", typed)
		}
	}
	for _, bad := range []string{"", "abc", shown.Code + "00", shown.Code[:25], strings.Repeat("0", 1000), shown.Code[:25] + "é"} {
		if _, ok := factor.ScanHash(bad); ok {
			t.Errorf("%q passes for a code", bad)
		}
	}
}

func TestChecksSurviveAnything(t *testing.T) {
	factors := []factor.Factor{factor.SMS{Keys: keys(t)}, factor.QR{Keys: keys(t)}}
	rapid.Check(t, func(r *rapid.T) {
		secret := rapid.SliceOf(rapid.Byte()).Draw(r, "secret")
		answer := factor.Answer{
			Given: rapid.SliceOf(rapid.Byte()).Draw(r, "given"), Number: rapid.Int().Draw(r, "number"),
			Device: jieling.DeviceID(rapid.String().Draw(r, "device")),
		}
		for _, f := range factors {
			if verdict, _ := f.Check(t.Context(), jieling.Challenge{ID: "chl_1", Claimant: answer.Device}, secret, nil, answer); verdict.Passed {
				r.Fatalf("%T passed by chance", f)
			}
		}
	})
}

func TestV2_TheDeviceLockTakesAYes(t *testing.T) {
	issued, err := factor.DeviceLock{}.Issue(t.Context(), factor.Ask{})
	if err != nil || issued.Limit < 1 || issued.TTL <= 0 {
		t.Fatalf("%+v, %v", issued, err)
	}
	for given, want := range map[string]jieling.Code{"on": "", "": jieling.CodeInvalid, "off": jieling.CodeInvalid, "on ": jieling.CodeInvalid} {
		v, err := factor.DeviceLock{}.Check(t.Context(), jieling.Challenge{}, issued.Secret, nil, factor.Answer{Given: []byte(given)})
		if jieling.CodeOf(err) != want || v.Passed != (want == "") {
			t.Errorf("%q: %+v, %v", given, v, err)
		}
	}
}
