// Makes the exporter of spans as the settings say.
#ifndef LMP_SERVER_OPEN_SPANS_H_
#define LMP_SERVER_OPEN_SPANS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/observe/span_exporter.h"

namespace lmp::server {

// Null without --otlp-endpoint. Errors: INVALID_ARGUMENT if the file of --otlp-tls-ca can't be read.
absl::StatusOr<std::unique_ptr<observe::SpanExporter>> OpenSpans(const Config& config);

}  // namespace lmp::server

#endif  // LMP_SERVER_OPEN_SPANS_H_
