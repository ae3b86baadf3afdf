package policy

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/jieling-id/jieling"
)

// Bounds of one condition.
const (
	maxExpression = 1024    // characters
	maxCost       = 1000    // CEL's own measure, for one evaluation
	maxTable      = 1 << 16 // situations one condition tells apart
)

// comparisons are the operators that take a fact and one of its values; true marks those that need an order.
var comparisons = map[string]bool{
	operators.Equals: false, operators.NotEquals: false,
	operators.Less: true, operators.LessEquals: true, operators.Greater: true, operators.GreaterEquals: true,
}

// language is environment 1: the operators of the package comment over the facts of one pack, and nothing else.
type language struct {
	env   *cel.Env
	facts []fact
}

func newLanguage(facts []fact) (*language, error) {
	subset := &env.LibrarySubset{DisableMacros: true}
	for _, op := range []string{operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional, operators.In} {
		subset.IncludeFunctions = append(subset.IncludeFunctions, env.NewFunction(op))
	}
	for op := range comparisons {
		subset.IncludeFunctions = append(subset.IncludeFunctions, env.NewFunction(op))
	}
	opts := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(subset)), cel.ParserExpressionSizeLimit(maxExpression), cel.ParserRecursionLimit(64),
	}
	for _, f := range facts {
		t := cel.StringType
		if f.yesNo {
			t = cel.BoolType
		}
		opts = append(opts, cel.Variable(f.name, t))
	}
	e, err := cel.NewCustomEnv(opts...)
	return &language{e, facts}, err
}

// compiled is a condition as a table, with the facts that it names.
type compiled struct {
	table
	named []int
}

// compile evaluates a condition once for every combination it can tell apart. It returns false where there is none, and with
// a problem added where the condition is not a sound one.
func (l *language) compile(c condition, ps *problems) (compiled, bool) {
	if c.text == "" {
		return compiled{}, false
	}
	checked, issues := l.env.Compile(c.text)
	if issues.Err() != nil {
		l.explain(c, issues.Errors(), ps)
		return compiled{}, false
	}
	r := reader{language: l, info: checked.NativeRep().SourceInfo(), condition: c, problems: ps, told: parting{}}
	if !r.truth(checked.NativeRep().Expr()) {
		return compiled{}, false
	}
	program, err := l.env.Program(checked, cel.CostLimit(maxCost))
	if err != nil {
		ps.add(c.at, notPlanned, err)
		return compiled{}, false
	}
	t, ok := l.evaluate(c, program, r.told, ps)
	return compiled{t, slices.Sorted(maps.Keys(r.told))}, ok
}

func (l *language) evaluate(c condition, program cel.Program, told parting, ps *problems) (table, bool) {
	if told.size(maxTable) > maxTable {
		ps.add(c.at, conditionTooWide, maxTable)
		return table{}, false
	}
	names, failed := map[string]any{}, error(nil)
	t := tabulate(told, func(at *vector) bool {
		for f := range told {
			names[l.facts[f].name] = l.facts[f].value(at[f])
		}
		out, _, err := program.Eval(names)
		if err != nil {
			failed = err
			return false
		}
		return out == types.True
	})
	switch {
	case failed != nil:
		ps.add(c.at, notEvaluated, failed)
	case !slices.Contains(t.holds, true):
		ps.add(c.at, neverHolds)
	case !slices.Contains(t.holds, false):
		ps.add(c.at, alwaysHolds)
	default:
		return t, true
	}
	return table{}, false
}

// value is what a condition sees of a fact: a truth value, or the place of a word in the fact's order.
func (f fact) value(at uint8) any {
	if f.yesNo {
		return types.Bool(at == 1)
	}
	return types.Int(at)
}

// reader walks one checked expression: it refuses what type-checks but means nothing (a value that the fact does not have),
// notes what it can tell apart, and puts places in the order in for words, so that < follows the pack's order.
type reader struct {
	*language
	info      *ast.SourceInfo
	condition condition
	problems  *problems
	told      parting // what the condition can tell apart of each fact it names
}

func (r *reader) fail(e ast.Expr, code Code, args ...any) bool {
	at := r.info.GetStartLocation(e.ID())
	r.problems.add(r.condition.spot(at), code, args...)
	return false
}

// spot is the place in the file of a place in the condition, or the condition's beginning where the two cannot be matched.
func (c condition) spot(l common.Location) spot {
	if !c.exact || l.Line() != 1 || l.Column() < 0 {
		return c.at
	}
	return spot{c.at.line, c.at.column + l.Column()}
}

// truth reads an expression that must be true or false.
func (r *reader) truth(e ast.Expr) bool {
	switch e.Kind() {
	case ast.IdentKind:
		if i := r.fact(e); i >= 0 && !r.facts[i].yesNo {
			return r.fail(e, notYesNo, e.AsIdent(), strconv.Quote(r.facts[i].values[0]))
		}
		return true
	case ast.LiteralKind:
		if _, ok := e.AsLiteral().(types.Bool); ok {
			return true
		}
	case ast.CallKind:
		return r.call(e)
	}
	return r.fail(e, notComparison)
}

func (r *reader) call(e ast.Expr) bool {
	call := e.AsCall()
	args := call.Args()
	if call.FunctionName() == operators.In {
		return r.membership(e, args[0], args[1])
	}
	if ordered, ok := comparisons[call.FunctionName()]; ok && !r.yesNo(args[0], args[1]) {
		if args[1].Kind() == ast.IdentKind {
			return r.comparison(e, args[1], ordered, args[0])
		}
		return r.comparison(e, args[0], ordered, args[1])
	}
	sound := true
	for _, a := range args {
		sound = r.truth(a) && sound
	}
	return sound
}

// yesNo reports that a comparison is between truth values.
func (r *reader) yesNo(sides ...ast.Expr) bool {
	for _, s := range sides {
		switch s.Kind() {
		case ast.IdentKind:
			i := slices.IndexFunc(r.facts, func(f fact) bool { return f.name == s.AsIdent() })
			return i >= 0 && r.facts[i].yesNo
		case ast.LiteralKind:
			_, ok := s.AsLiteral().(types.Bool)
			return ok
		}
	}
	return true
}

func (r *reader) membership(e, left, right ast.Expr) bool {
	if right.Kind() != ast.ListKind {
		return r.fail(e, inWithoutList)
	}
	return r.comparison(e, left, false, right.AsList().Elements()...)
}

// comparison reads a fact against its own values.
func (r *reader) comparison(e, left ast.Expr, ordered bool, values ...ast.Expr) bool {
	if left.Kind() != ast.IdentKind {
		return r.fail(e, comparesNoFact)
	}
	i := r.fact(left)
	f := r.facts[i]
	if ordered && !f.rising {
		return r.fail(e, unordered, f.name)
	}
	if f.yesNo {
		return r.fail(e, yesNoFact, f.name)
	}
	sound := true
	for _, v := range values {
		sound = r.replace(f, v) && sound
	}
	return sound
}

func (r *reader) replace(f fact, v ast.Expr) bool {
	if v.Kind() != ast.LiteralKind {
		return r.fail(v, notValue, f.name, suggest("", quoted(f.values)))
	}
	s, ok := v.AsLiteral().(types.String)
	if !ok {
		return r.fail(v, notValue, f.name, suggest("", quoted(f.values)))
	}
	at := slices.Index(f.values, string(s))
	if at < 0 {
		return r.fail(v, neverValue, f.name, strconv.Quote(string(s)), suggest(strconv.Quote(string(s)), quoted(f.values)))
	}
	r.tell(f.name, at)
	v.SetKindCase(ast.NewExprFactory().NewLiteral(v.ID(), types.Int(at)))
	return true
}

// fact finds the fact an identifier names and notes it. The checker has made sure that there is one.
func (r *reader) fact(e ast.Expr) int {
	i := slices.IndexFunc(r.facts, func(f fact) bool { return f.name == e.AsIdent() })
	if i >= 0 {
		r.told.split(i, len(r.facts[i].values), func(v int) int {
			if r.facts[i].yesNo {
				return v
			}
			return 0
		})
	}
	return i
}

// tell notes that a fact is compared with one of its values: what lies below it, it itself, and what lies above.
func (r *reader) tell(name string, at int) {
	i := slices.IndexFunc(r.facts, func(f fact) bool { return f.name == name })
	r.told.split(i, len(r.facts[i].values), func(v int) int { return cmp.Compare(v, at) })
}

func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strconv.Quote(w)
	}
	return out
}

var (
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	overload   = regexp.MustCompile(`applied to '\(([^)]*)\)'`)
)

// explain turns CEL's own messages into ours. Of several syntax errors the first says enough.
func (l *language) explain(c condition, errs []*cel.Error, ps *problems) {
	names := make([]string, len(l.facts))
	for i, f := range l.facts {
		names[i] = f.name
	}
	for _, e := range errs {
		at := c.spot(e.Location)
		if m := undeclared.FindStringSubmatch(e.Message); m != nil {
			switch wrong := m[1]; {
			case strings.HasPrefix(wrong, "_") || strings.HasSuffix(wrong, "_"):
				ps.add(at, noOperator, strings.Trim(wrong, "_"))
			case called(c.text, wrong):
				ps.add(at, noFunction, wrong)
			default:
				ps.add(at, noFact, wrong, suggest(wrong, names))
			}
			continue
		}
		if m := overload.FindStringSubmatch(e.Message); m != nil {
			ps.add(at, notTogether, typesInWords(m[1]))
			continue
		}
		if strings.HasPrefix(e.Message, "expected type 'bool'") {
			ps.add(at, truthWanted)
			continue
		}
		ps.add(at, unreadable, firstLine(e.Message))
		return
	}
}

// typesInWords names the types of CEL that meet in a comparison. One that is not listed goes by its own name.
func typesInWords(types string) jieling.Text {
	inZH := strings.NewReplacer("string", "文字", "bool", "真假", "int", "数字", "uint", "数字", "double", "小数", "list", "列表", "null_type", "空", "bytes", "字节", ", ", "、")
	return jieling.Text{ZH: inZH.Replace(types), EN: types}
}

// called reports whether name is written as a function or method in the text of a condition.
func called(text, name string) bool {
	return identifier.MatchString(name) && regexp.MustCompile(`\b`+name+`\s*\(`).MatchString(text)
}

// firstLine cuts a parser's message before the list of everything it would have taken.
func firstLine(message string) string {
	message = strings.TrimPrefix(message, "Syntax error: ")
	if i := strings.Index(message, " expecting"); i > 0 {
		message = message[:i]
	}
	return message
}
