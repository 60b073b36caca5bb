#include "client/cli/watch_licenses.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "client/cli/output/json_output.h"
#include "client/cli/status_macros.h"
#include "lmp/v1/watch_licenses.pb.h"

namespace lmp::cli {

absl::Status RunWatchLicenses(Session& session, const google::protobuf::Message& request) {
  if (session.invocation.global.output == Output::kCsv) return UsageError("license watch writes JSON");
  ASSIGN_OR_RETURN(const std::unique_ptr<client::MessageStream> stream,
                   session.connection->Open("/lmp.v1.LicensingService/WatchLicenses", request, {}));
  const int64_t limit = session.invocation.limit.value_or(std::numeric_limits<int64_t>::max());
  std::ostream& out = session.console.out;
  v1::WatchLicensesResponse message;
  int64_t shown = 0;
  while (shown < limit && out.good() && stream->Read(message)) {
    if (message.facts_size() == 0 && message.snapshot() == v1::SNAPSHOT_PART_UNSPECIFIED) continue;
    out << nlohmann::ordered_json::parse(ToJson(message), nullptr, false).dump() << std::endl;
    ++shown;
  }
  const bool enough = shown >= limit || !out.good();
  stream->Cancel();
  while (stream->Read(message)) continue;
  const absl::Status status = stream->Finish();
  return enough ? absl::OkStatus() : status;
}

}  // namespace lmp::cli
