package api

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/api/oas"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/gate"
)

// front stands before the generated server: it finds the operation and its caller, and hands over a body that is whole,
// bounded and unambiguous.
type front struct {
	Config
	oas     *oas.Server
	streams chan struct{} // a place in it is the right to follow a case
}

// operation is what the front knows of one operation of the document.
type operation struct {
	scope string
	body  bodyRule
	most  int64 // of its body, in bytes; zero means gate.MaxBody
}

// maxEvidence is what four pictures take in base64, with what is around them.
const maxEvidence = 44 << 20

// bodyRule says whether a POST has a body.
type bodyRule int

const (
	bodyNeeded bodyRule = iota
	bodyWelcome
	bodyNone // nothing or {}
)

// operations lists every operation of the document by its ID; a test holds the two together.
var operations = map[string]operation{
	"registerAccount":    {scope: engine.ScopeAccounts},
	"findAccount":        {scope: engine.ScopeAccounts},
	"getAccount":         {scope: engine.ScopeAccounts},
	"listBindings":       {scope: engine.ScopeAccounts},
	"addBinding":         {scope: engine.ScopeAccounts},
	"listDevices":        {scope: engine.ScopeAccounts},
	"addDevice":          {scope: engine.ScopeAccounts},
	"removeDevice":       {scope: engine.ScopeAccounts},
	"changeDevice":       {scope: engine.ScopeAccounts},
	"readSettings":       {scope: engine.ScopeAccounts},
	"changeSettings":     {scope: engine.ScopeAccounts},
	"listSessions":       {scope: engine.ScopeAccounts},
	"endSessions":        {scope: engine.ScopeAccounts},
	"endSession":         {scope: engine.ScopeAccounts},
	"checkUp":            {scope: engine.ScopeAccounts},
	"listFactors":        {scope: engine.ScopeAccounts},
	"enrolFactor":        {scope: engine.ScopeAccounts},
	"enrolmentOptions":   {scope: engine.ScopeAccounts},
	"setRegion":          {scope: engine.ScopeAccounts},
	"freezeAccount":      {scope: engine.ScopeFreeze, body: bodyWelcome},
	"unfreezeAccount":    {scope: engine.ScopeFreeze, body: bodyWelcome},
	"resolve":            {scope: engine.ScopeResolve},
	"reportSignIn":       {scope: engine.ScopeResolve},
	"planUnbinding":      {scope: engine.ScopeCases},
	"openCase":           {scope: engine.ScopeCases},
	"getCase":            {scope: engine.ScopeCases},
	"listEvents":         {scope: engine.ScopeCases},
	"askImpact":          {scope: engine.ScopeCases, body: bodyNone},
	"askChallenge":       {scope: engine.ScopeCases},
	"answerChallenge":    {scope: engine.ScopeCases},
	"takeStep":           {scope: engine.ScopeCases},
	"settleBackup":       {scope: engine.ScopeCases},
	"nameReplacement":    {scope: engine.ScopeCases},
	"waiveLockout":       {scope: engine.ScopeCases},
	"askAttestation":     {scope: engine.ScopeCases},
	"showAttestation":    {scope: engine.ScopeCases},
	"confirmCase":        {scope: engine.ScopeCases, body: bodyNone},
	"cancelCase":         {scope: engine.ScopeCases, body: bodyNone},
	"undoCase":           {scope: engine.ScopeCases, body: bodyNone},
	"cleanUpResidue":     {scope: engine.ScopeCases},
	"probeProvider":      {scope: engine.ScopeCases, body: bodyNone},
	"getApproval":        {scope: engine.ScopeCases},
	"claimApproval":      {scope: engine.ScopeCases},
	"approve":            {scope: engine.ScopeCases},
	"reject":             {scope: engine.ScopeCases},
	"handOff":            {scope: engine.ScopeCases},
	"listOrganisations":  {scope: engine.ScopeAccounts},
	"foundOrganisation":  {scope: engine.ScopeAdmin},
	"readOrganisation":   {scope: engine.ScopeAccounts},
	"changeOrganisation": {scope: engine.ScopeAdmin},
	"listMembers":        {scope: engine.ScopeAccounts},
	"putMember":          {scope: engine.ScopeAccounts},
	"removeMember":       {scope: engine.ScopeAccounts},
	"resetMember":        {scope: engine.ScopeCases},
	"listManagedDevices": {scope: engine.ScopeAccounts},
	"reportManaged":      {scope: engine.ScopeAccounts},
	"listRequests":       {scope: engine.ScopeAccounts},
	"readRequest":        {scope: engine.ScopeAccounts},
	"decideRequest":      {scope: engine.ScopeCases},
	"handIn":             {scope: engine.ScopeCases, most: maxEvidence},
	"takeBack":           {scope: engine.ScopeCases},
	"signInStaff":        {scope: gate.ScopeOpen},
	"signOutStaff":       {scope: gate.ScopeStaff},
	"listReviews":        {scope: gate.ScopeStaff},
	"readReview":         {scope: gate.ScopeStaff},
	"claimReview":        {scope: gate.ScopeStaff, body: bodyNone},
	"viewEvidence":       {scope: gate.ScopeStaff},
	"fixMeeting":         {scope: gate.ScopeStaff},
	"decideReview":       {scope: gate.ScopeStaff},
	"readCare":           {scope: engine.ScopeAccounts},
	"setSwitch":          {scope: engine.ScopeAccounts},
	"judgeBill":          {scope: engine.ScopeAccounts},
	"listWebhooks":       {scope: engine.ScopeEvents},
	"addWebhook":         {scope: engine.ScopeEvents},
	"readWebhook":        {scope: engine.ScopeEvents},
	"deleteWebhook":      {scope: engine.ScopeEvents},
	"rotateWebhook":      {scope: engine.ScopeEvents, body: bodyNone},
	"resumeWebhook":      {scope: engine.ScopeEvents, body: bodyNone},
	"testWebhook":        {scope: engine.ScopeEvents, body: bodyNone},
	"listDeliveries":     {scope: engine.ScopeEvents},
	"resendEvent":        {scope: engine.ScopeEvents, body: bodyNone},
	"reviewDevices":      {scope: engine.ScopeAccounts, body: bodyNone},
}

// ServeHTTP implements http.Handler.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route, ok := f.oas.FindPath(r.Method, r.URL)
	if !ok {
		f.oas.ServeHTTP(w, r) // which says whether the address or the method is wrong
		return
	}
	visit := gate.VisitOf(r.Context())
	visit.Route = "/v1" + route.PathPattern()
	if route.OperationID() == "listEvents" && wantsStream(r) {
		f.follow(w, r, route.Args()[0])
		return
	}
	if err := f.admit(w, r, visit, operations[route.OperationID()]); err != nil {
		f.Gate.Refuse(w, r, err)
		return
	}
	f.oas.ServeHTTP(w, r)
}

// admit recognises the caller before a byte of the body is read, then reads it and makes the request's idempotency.
func (f *front) admit(w http.ResponseWriter, r *http.Request, visit *gate.Visit, op operation) error {
	var err error
	if visit.Actor, err = f.Gate.Caller(r, op.scope, f.Staff.Member); err != nil {
		return err
	}
	if err := checkQuery(r, visit.Lang()); err != nil {
		return err
	}
	if r.Method != http.MethodPost {
		return nil
	}
	body, err := read(w, r, cmp.Or(op.most, gate.MaxBody))
	if err != nil {
		return err
	}
	if err := op.body.check(body, visit.Lang()); err != nil {
		return err
	}
	return identify(r, visit, body)
}

func (rule bodyRule) check(body []byte, lang string) error {
	if err := checkBody(body, lang); err != nil {
		return err
	}
	switch {
	case rule == bodyNeeded && len(body) == 0:
		return invalid(lang, "body", wantGiven)
	case rule == bodyNone && len(body) > 0 && !emptyObject(body):
		return invalid(lang, "body", wantNoBody)
	}
	return nil
}

// read takes the whole body, which is small by the limit, and leaves it to be read again. Nothing needs no type.
func read(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.ContentLength > most {
		w.Header().Set("Connection", "close") // what is still on its way is not worth reading
		return nil, &jieling.Error{Code: jieling.CodeTooLarge}
	}
	if r.ContentLength != 0 && (!isJSON(r.Header.Get("Content-Type")) || r.Header.Get("Content-Encoding") != "") {
		return nil, &jieling.Error{Code: gate.CodeMediaType}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &jieling.Error{Code: jieling.CodeTooLarge}
	case err != nil:
		return nil, jieling.Refuse(jieling.CodeInvalid, "请求内容没有完整到达。", "The body did not arrive whole.")
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return body, nil
}

func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	kind, params, err := mime.ParseMediaType(contentType)
	charset := strings.ToLower(params["charset"])
	return err == nil && kind == "application/json" && (charset == "" || charset == "utf-8")
}

// identify makes the visit's idempotency and hands the generated server the bare key.
func identify(r *http.Request, visit *gate.Visit, body []byte) error {
	var err error
	header := r.Header.Get("Idempotency-Key")
	visit.Idem, err = gate.Idempotency(header, r.Method, r.URL.EscapedPath(), body)
	if err != nil {
		return invalid(visit.Lang(), "Idempotency-Key", wantForm)
	}
	if visit.Idem.Key != header {
		r.Header.Set("Idempotency-Key", visit.Idem.Key)
	}
	return nil
}

func (f *front) notFound(w http.ResponseWriter, r *http.Request) {
	f.Gate.Refuse(w, r, &jieling.Error{Code: jieling.CodeNotFound})
}

func (f *front) methodNotAllowed(w http.ResponseWriter, r *http.Request, allowed string) {
	w.Header().Set("Allow", allowed)
	f.Gate.Refuse(w, r, &jieling.Error{Code: gate.CodeMethod})
}

// undecodable answers a request that the generated server could not read.
func (f *front) undecodable(ctx context.Context, w http.ResponseWriter, r *http.Request, err error) {
	f.Gate.Refuse(w, r, decodeError(err, gate.VisitOf(ctx).Lang()))
}
