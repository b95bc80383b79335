package main

import (
	"log/slog"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/internal/metrics"
)

// observer counts batches and tests, and tells of devices that go and come back. What
// a device said before it was found wrong may be wrong as well: it is to be forgotten.
func (l modelLoader) observer(name string, forget func()) batching.Observer {
	log := l.log.With(slog.String("model", name))
	return batching.Observer{
		BatchDone: func(s batching.BatchStats) { l.metrics.BatchDone(name, metrics.BatchStats(s)) },
		Tested:    func(executor string, err error) { l.metrics.Tested(name, executor, err == nil) },
		Health: func(executor string, err error) {
			if err != nil {
				forget()
				l.metrics.Retired(name, executor)
				log.Error("device retired: its known answers are wrong or do not come", slog.String("executor", executor), slog.Any("error", err))
			} else {
				log.Warn("device back", slog.String("executor", executor))
			}
			l.devicesChanged()
		},
	}
}
