// Opens the gate of the service as the config asks for it.
#ifndef LMP_SERVER_OPEN_GATE_H_
#define LMP_SERVER_OPEN_GATE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/engine/read_engine.h"
#include "server/reloads.h"
#include "server/services/gate.h"
#include "server/tls_files.h"
#include "storage/mysql/database.h"

namespace lmp::server {

// Null without TLS. Errors: INVALID_ARGUMENT, naming the file that can't be used.
absl::StatusOr<std::unique_ptr<TlsFiles>> OpenTlsFiles(const Config& config, Reloads& reloads);

// The gate looks API keys up through the engine, and holds client certificates against `tls`, which may be null. All of
// them must outlive the gate. Errors: INVALID_ARGUMENT if the file of issuers and bindings can't be used.
absl::StatusOr<std::unique_ptr<Gate>> OpenGate(const Config& config, engine::ReadEngine& api_keys,
                                               storage::Database& database, TlsFiles* tls, Reloads& reloads);

}  // namespace lmp::server

#endif  // LMP_SERVER_OPEN_GATE_H_
