package main

import (
	"cmp"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"deskmate/model"
)

// metrics are the figures that /metrics shows.
type metrics struct {
	registry  *prometheus.Registry
	callbacks *prometheus.CounterVec
	stored    prometheus.Histogram
	outcomes  *prometheus.CounterVec
	decided   prometheus.Histogram
	pushes    *prometheus.CounterVec
	pushed    prometheus.Histogram
	calls     *prometheus.CounterVec
	callTime  *prometheus.HistogramVec
	models    *prometheus.CounterVec
	modelTime *prometheus.HistogramVec
	phrases   *prometheus.CounterVec
	media     *prometheus.CounterVec
	waiting   prometheus.Gauge
	live      prometheus.Gauge
	told      *prometheus.CounterVec
	hooks     *prometheus.CounterVec
	hookTime  prometheus.Histogram
	refused   prometheus.Counter
}

func newMetrics() *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	buckets := []float64{.002, .005, .01, .025, .05, .1, .15, .25, .5, 1, 2.5, 5, 10}
	histogram := func(name, help string) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
	}
	m := &metrics{
		registry:  prometheus.NewRegistry(),
		callbacks: counter("deskmate_callbacks_total", "Callbacks by what became of them.", "account", "result"),
		stored:    histogram("deskmate_callback_seconds", "From a callback's arrival to its acknowledgement."),
		outcomes:  counter("deskmate_events_total", "Events decided, by outcome.", "outcome"),
		decided:   histogram("deskmate_decision_seconds", "Load, ask, decide and apply of one event."),
		pushes:    counter("deskmate_pushes_total", "Pushes by result; uncertain ones may have arrived twice.", "result"),
		pushed:    histogram("deskmate_push_seconds", "From the decision to WeCom's answer."),
		calls:     counter("deskmate_wecom_calls_total", "Calls of WeCom's API by errcode.", "endpoint", "errcode"),
		callTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "deskmate_wecom_call_seconds", Help: "Duration of calls of WeCom's API.", Buckets: buckets,
		}, []string{"endpoint"}),
		models: counter("deskmate_llm_calls_total", "Calls of the language model.", "operation", "outcome"),
		modelTime: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "deskmate_llm_call_seconds", Help: "Duration of calls of the language model.", Buckets: buckets,
		}, []string{"operation"}),
		phrases: counter("deskmate_phrases_total", "Answers rephrased, or verbatim by reason.", "result"),
		media:   counter("deskmate_media_total", "Pictures, voices, videos and files that people sent, by what became of keeping them.", "result"),
		told:    counter("deskmate_live_events_total", "Events sent to browsers, and streams that were closed for they were too slow.", "result"),
		hooks:   counter("deskmate_webhook_deliveries_total", "Attempts to tell webhooks of events, by result; dead ones are given up on.", "result"),
		hookTime: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "deskmate_webhook_delivery_seconds", Help: "From an event to the answer of the webhook's receiver.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 60, 600, 3600},
		}),
		live:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "deskmate_live_streams", Help: "Open live streams of browsers."}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "deskmate_api_refused_total", Help: "Calls of the API that were one too many for their token."}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{Name: "deskmate_media_waiting", Help: "Those that are still to be fetched from WeCom."}),
	}
	for _, result := range []string{"kept", "gone", "failed", "repeated"} {
		m.media.WithLabelValues(result)
	}
	for _, result := range []string{"delivered", "repeated", "dead"} {
		m.hooks.WithLabelValues(result)
	}
	for _, result := range []string{"sent", "slow"} {
		m.told.WithLabelValues(result)
	}
	m.registry.MustRegister(
		m.callbacks, m.stored, m.outcomes, m.decided, m.pushes, m.pushed, m.calls, m.callTime,
		m.models, m.modelTime, m.phrases, m.media, m.waiting, m.live, m.told, m.hooks, m.hookTime, m.refused,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

func (m *metrics) callback(account, result string, took time.Duration) {
	m.callbacks.WithLabelValues(account, result).Inc()
	if result == "accepted" {
		m.stored.Observe(took.Seconds())
	}
}

func (m *metrics) outcome(o model.Outcome, took time.Duration) {
	m.outcomes.WithLabelValues(string(o)).Inc()
	m.decided.Observe(took.Seconds())
}

func (m *metrics) push(result string, waited time.Duration) {
	m.pushes.WithLabelValues(result).Inc()
	if result == "sent" {
		m.pushed.Observe(waited.Seconds())
	}
}

func (m *metrics) apiCall(endpoint string, code int64, took time.Duration) {
	m.calls.WithLabelValues(endpoint, strconv.FormatInt(code, 10)).Inc()
	m.callTime.WithLabelValues(endpoint).Observe(took.Seconds())
}

func (m *metrics) modelCall(operation, outcome string, took time.Duration) {
	m.models.WithLabelValues(operation, outcome).Inc()
	m.modelTime.WithLabelValues(operation).Observe(took.Seconds())
}

func (m *metrics) phrase(reason string, _ time.Duration) {
	m.phrases.WithLabelValues(cmp.Or(reason, "rephrased")).Inc()
}

func (m *metrics) kept(result string) { m.media.WithLabelValues(result).Inc() }

func (m *metrics) webhook(result string, waited time.Duration) {
	m.hooks.WithLabelValues(result).Inc()
	if result == "delivered" {
		m.hookTime.Observe(waited.Seconds())
	}
}

func (m *metrics) toldLive(result string) { m.told.WithLabelValues(result).Inc() }

func (m *metrics) refusedCall() { m.refused.Inc() }

func (m *metrics) streams(n int) { m.live.Set(float64(n)) }

func (m *metrics) mediaWaiting(n int) { m.waiting.Set(float64(n)) }
