// Opens the gate of the service as the config asks for it.
#ifndef LMP_SERVER_OPEN_GATE_H_
#define LMP_SERVER_OPEN_GATE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/engine/read_engine.h"
#include "server/services/gate.h"
#include "storage/mysql/database.h"

namespace lmp::server {

// The gate looks API keys up through the engine; the engine and the database must outlive the gate. Errors:
// INVALID_ARGUMENT if the file of issuers and bindings can't be used.
absl::StatusOr<std::unique_ptr<Gate>> OpenGate(const Config& config, engine::ReadEngine& api_keys,
                                               storage::Database& database);

}  // namespace lmp::server

#endif  // LMP_SERVER_OPEN_GATE_H_
