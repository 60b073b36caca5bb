#include "server/open_spans.h"

#include <unistd.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/auth/file_text.h"
#include "server/version.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

// Of all servers of a service, this one: where it runs, and which process it is.
std::string InstanceId() {
  char host[256] = "";
  gethostname(host, sizeof(host) - 1);
  return absl::StrCat(host, "/", getpid());
}

}  // namespace

absl::StatusOr<std::unique_ptr<observe::SpanExporter>> OpenSpans(const Config& config) {
  if (config.otlp_endpoint.empty()) return nullptr;
  observe::SpanExporterOptions options{.endpoint = config.otlp_endpoint, .sample = config.otlp_sample};
  if (!config.otlp_tls_ca.empty()) {
    ASSIGN_OR_RETURN(options.ca, auth::ReadFile(config.otlp_tls_ca));
  }
  options.resource = {{"service.name", "lmp-server"},
                      {"service.version", std::string(Version())},
                      {"service.instance.id", InstanceId()}};
  return std::make_unique<observe::SpanExporter>(std::move(options));
}

}  // namespace lmp::server
