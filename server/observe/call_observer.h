// Where it is noted what became of calls.
#ifndef LMP_SERVER_OBSERVE_CALL_OBSERVER_H_
#define LMP_SERVER_OBSERVE_CALL_OBSERVER_H_

#include "server/observe/call_log.h"
#include "server/observe/call_metrics.h"
#include "server/observe/span_exporter.h"

namespace lmp::observe {

struct CallObserver {
  CallMetrics* metrics;  // null: nobody fetches any, and calls are not counted
  const CallLog& log;
  SpanExporter* spans;  // null: no traces
};

}  // namespace lmp::observe

#endif  // LMP_SERVER_OBSERVE_CALL_OBSERVER_H_
