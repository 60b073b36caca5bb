// A read of rows by key, as a value: `parse` returns the key, `footprint` what to load for it, and `respond` fills the
// response from the loaded rows. Reads that wait are loaded together. With a read_time in the request, the rows are
// those of that time; with a max_staleness, the answer may be one that was given before.
#ifndef LMP_SERVER_RPCS_QUERY_H_
#define LMP_SERVER_RPCS_QUERY_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/engine/history.h"
#include "server/rpcs/rpc.h"
#include "server/wire/fields.h"
#include "server/wire/read_options.h"
#include "storage/status_macros.h"

namespace lmp::rpcs {

using auth::Permission;

// Parses read_time, read_mask and max_staleness, if the request has them.
template <class Response, class Request>
absl::StatusOr<wire::ReadOptions> ParseOptions(const Request& request) {
  wire::Fields fields;
  wire::ReadOptions options;
  if constexpr (
      requires { request.read_time(); } || requires { request.read_mask(); }) {
    options = wire::ParseReadOptions(request, wire::ResourceOf(*Response::descriptor()), fields);
  }
  if constexpr (requires { request.max_staleness(); }) {
    options.max_staleness = fields.Duration("max_staleness", request.max_staleness(), wire::kMaxStaleness);
  }
  RETURN_IF_ERROR(fields.status());
  return options;
}

template <class Request, class Key, class Response>
struct QueryRpc {
  const char* name;
  Needs needs;
  Lane lane = Lane::kReads;
  absl::StatusOr<Key> (*parse)(const Request& request);
  model::Footprint (*footprint)(const Key& key);
  absl::Status (*respond)(const model::World& world, const Key& key, const domain::Env& env, Response* response);

  operator Rpc() const {  // NOLINT: implicit, as the table is a list of Rpc
    Rpc rpc = RpcOf<Request, Response>(name, needs);
    rpc.read = [self = *this](const google::protobuf::Message& message, storage::CatalogCache& cache,
                              const wire::ServerContext&) {
      return self.Make(static_cast<const Request&>(message), cache);
    };
    return rpc;
  }

 private:
  absl::StatusOr<Read> Make(const Request& request, storage::CatalogCache& cache) const {
    const absl::StatusOr<Key> key = parse(request);
    const absl::StatusOr<wire::ReadOptions> options = ParseOptions<Response>(request);
    RETURN_IF_ERROR(wire::BothInvalid(key.status(), options.status()));
    if (options->read_time.has_value()) return OfThePast(*key, *options, cache);
    Read read{.lane = lane, .max_staleness = options->max_staleness};
    if constexpr (requires { request.max_staleness(); }) {
      if (options->max_staleness > absl::ZeroDuration())
        read.query.keep_as = absl::StrCat(key->first, "\n", key->second);
    }
    read.query.footprint = footprint(*key);
    read.query.answer = [key = *key, mask = options->mask, respond = respond](
                            const model::World& world, const domain::Env& env) -> absl::StatusOr<std::string> {
      Response response;
      RETURN_IF_ERROR(respond(world, key, env, &response));
      mask.Apply(&response);
      return response.SerializeAsString();
    };
    return read;
  }

  Read OfThePast(const Key& key, const wire::ReadOptions& options, storage::CatalogCache& cache) const {
    Read read{.lane = Lane::kLists};
    read.query.list = [self = *this, key, options, &cache](storage::Connection& connection,
                                                           const domain::Env& env) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(wire::CheckReadTime(options, env.now));
      const absl::Time then = *options.read_time;
      const domain::Env env_then{then, absl::ToCivilDay(then, absl::UTCTimeZone()), env.caller, env.ids};
      ASSIGN_OR_RETURN(const model::World world, engine::LoadWorldAt(connection, cache, self.footprint(key), then));
      Response response;
      RETURN_IF_ERROR(self.respond(world, key, env_then, &response));
      options.mask.Apply(&response);
      return response.SerializeAsString();
    };
    return read;
  }
};

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_QUERY_H_
