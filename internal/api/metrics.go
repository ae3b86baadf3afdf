package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/jieling-id/jieling"
)

// Standing is what waits to be done outside. What was given up on, and who is paused, should be zero; anything else wants a person's
// attention.
type Standing struct {
	EffectsDue, EffectsDead int
	EventsDue, EventsDead   int
	EventsBehind            int64 // rows of the log that some receiver was not told of yet
	ReceiversPaused         int
}

// Backlog tells how things stand.
type Backlog func(context.Context) (Standing, error)

// Metrics counts what operators watch, in Prometheus' format. Its labels are routes and statuses, never who or what.
type Metrics struct {
	served  *prometheus.HistogramVec
	packs   *prometheus.CounterVec
	heard   *prometheus.CounterVec
	handler http.Handler
}

// NewMetrics makes a set of its own, so that two services in one process do not share numbers. backlog may be nil.
func NewMetrics(backlog Backlog) *Metrics {
	registry := prometheus.NewRegistry()
	m := &Metrics{
		served: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "jieling_http_request_duration_seconds",
			Help:    "Requests answered, by route, method and status, and how long each took.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"route", "method", "status"}),
		packs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jieling_pack_reloads_total", Help: "Packs that were read again, by whether they were taken or refused. A refused one wants a person's attention.",
		}, []string{"outcome"}),
		heard: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jieling_provider_notices_total", Help: "Notices of login providers, by provider and by what became of them: applied, repeated, stale, unknown, other, refused.",
		}, []string{"provider", "outcome"}),
		handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
	}
	registry.MustRegister(m.served, m.packs, m.heard, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if backlog != nil {
		registry.MustRegister(backlog)
	}
	return m
}

// Served counts one answer; it is what gate.Config.Served wants. A request that matched no route, or came with a method
// nobody knows, is counted under "other", so that strangers cannot make labels.
func (m *Metrics) Served(route, method string, status int, took time.Duration) {
	if route == "" {
		route = "other"
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other"
	}
	m.served.WithLabelValues(route, method, strconv.Itoa(status)).Observe(took.Seconds())
}

// PackRead counts a policy pack that was read again while the service runs, taken or refused.
func (m *Metrics) PackRead(taken bool) {
	if taken {
		m.packs.WithLabelValues("taken").Inc()
	} else {
		m.packs.WithLabelValues("refused").Inc()
	}
}

// Heard counts a provider's notice; it is what engine.Config.Counted wants.
func (m *Metrics) Heard(p jieling.Provider, outcome string) {
	m.heard.WithLabelValues(string(p), outcome).Inc()
}

// ServeHTTP implements http.Handler for /metrics.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

// gauge is one number of a [Standing].
type gauge struct {
	desc *prometheus.Desc
	of   func(Standing) float64
}

func gauges() []gauge {
	g := func(name, help string, of func(Standing) float64) gauge {
		return gauge{prometheus.NewDesc(name, help, nil, nil), of}
	}
	return []gauge{
		g("jieling_effects_due", "Effects that wait to be done or to be tried again.", func(s Standing) float64 { return float64(s.EffectsDue) }),
		g("jieling_effects_dead", "Effects that were given up on and want a person's attention.", func(s Standing) float64 { return float64(s.EffectsDead) }),
		g("jieling_events_due", "Events on the queues of those who are told.", func(s Standing) float64 { return float64(s.EventsDue) }),
		g("jieling_events_dead", "Events that were given up on and want a person's attention.", func(s Standing) float64 { return float64(s.EventsDead) }),
		g("jieling_events_behind", "Entries of the audit log that the slowest receiver was not told of yet.", func(s Standing) float64 { return float64(s.EventsBehind) }),
		g("jieling_receivers_paused", "Receivers of events that are paused and want a person's attention.", func(s Standing) float64 { return float64(s.ReceiversPaused) }),
	}
}

// Describe implements prometheus.Collector.
func (b Backlog) Describe(ch chan<- *prometheus.Desc) {
	for _, g := range gauges() {
		ch <- g.desc
	}
}

// Collect implements prometheus.Collector.
func (b Backlog) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	stands, err := b(ctx)
	for _, g := range gauges() {
		if err != nil {
			ch <- prometheus.NewInvalidMetric(g.desc, err)
			return
		}
		ch <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, g.of(stands))
	}
}
