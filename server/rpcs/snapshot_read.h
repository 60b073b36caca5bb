// A read that needs more than rows by key, such as a read of the history, as a value: `parse` returns what is asked
// for, all of it checked before the call waits; `read` runs its own statements in one snapshot.
#ifndef LMP_SERVER_RPCS_SNAPSHOT_READ_H_
#define LMP_SERVER_RPCS_SNAPSHOT_READ_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "server/rpcs/rpc.h"
#include "storage/status_macros.h"

namespace lmp::rpcs {

using auth::Permission;

// Makes the read of a response that `fill(reading, &response)` fills.
template <class Response, class F>
Read SnapshotRead(storage::CatalogCache& cache, const wire::PageTokens& tokens, F fill) {
  Read read{.lane = Lane::kLists};
  read.query.list = [&cache, &tokens, fill = std::move(fill)](storage::Connection& connection,
                                                              const domain::Env& env) -> absl::StatusOr<std::string> {
    Response response;
    RETURN_IF_ERROR(fill(Reading{connection, cache, tokens, env}, &response));
    return response.SerializeAsString();
  };
  return read;
}

template <class Request, class Asked, class Response, class... Context>
struct SnapshotReadRpc {
  const char* name;
  Needs needs;
  // `context` is empty, or a const ServerContext&
  absl::StatusOr<Asked> (*parse)(const Request& request, Context... context);
  absl::Status (*read)(const Reading& reading, const Asked& asked, Response* response);

  operator Rpc() const {  // NOLINT: implicit, as the table is a list of Rpc
    Rpc rpc = RpcOf<Request, Response>(name, needs);
    rpc.read = [self = *this](const google::protobuf::Message& message, storage::CatalogCache& cache,
                              const wire::ServerContext& context) -> absl::StatusOr<Read> {
      ASSIGN_OR_RETURN(Asked asked, ParseWith(self.parse, message, context));
      // The request is shared because a std::function copies what it holds, and a request may be large.
      return SnapshotRead<Response>(
          cache, context.tokens,
          [asked = std::make_shared<const Asked>(std::move(asked)), read = self.read](
              const Reading& reading, Response* response) { return read(reading, *asked, response); });
    };
    return rpc;
  }
};

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_SNAPSHOT_READ_H_
