// A gRPC service as a table of RPCs: each is one line that names its request, its response and its function. All of them
// go through the same few steps here: read the bytes, parse, hand to the engine, answer.
//
// Requests are parsed here rather than by gRPC, which answers malformed bytes and invalid UTF-8 with UNIMPLEMENTED and no
// hint; we say which field is wrong. Responses leave as the very bytes that a replay would give.
#ifndef LMP_SERVER_SERVICES_RPC_SERVICE_H_
#define LMP_SERVER_SERVICES_RPC_SERVICE_H_

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lmp/v1/customer_service.grpc.pb.h"  // for the method handlers it includes, wherever this gRPC keeps them
#include "server/engine/read_engine.h"
#include "server/engine/write_engine.h"
#include "server/ids.h"
#include "server/services/call.h"
#include "server/services/listing.h"
#include "server/services/reading.h"
#include "server/wire/bounds.h"
#include "server/wire/fields.h"
#include "server/wire/page_token.h"
#include "server/wire/read_options.h"
#include "server/wire/plan_requests.h"
#include "server/wire/requests.h"
#include "server/wire/responses.h"
#include "server/wire/verb_requests.h"
#include "storage/status_macros.h"

namespace lmp::server {

// What the services work with; owned by the server.
struct Engines {
  engine::WriteEngine& writes;
  // Each kind of read has workers of its own, so that none waits for another's.
  engine::ReadEngine& reads;   // by key
  engine::ReadEngine& lists;   // pages, histories, the past
  engine::ReadEngine& checks;  // CheckLicense
  storage::CatalogueCache& cache;
  domain::IdSource& ids;
  const wire::PageTokens& tokens;
  size_t max_request_bytes = 256 * 1024;  // of one that was compressed; gRPC sees to the others
};

// What a verb decides about a command, as the bytes of its response.
template <class Response, class Command, class Result>
auto DecideAndRender(Command command, absl::StatusOr<Result> (*decide)(model::World&, const Command&, const domain::Env&),
                     wire::Asked asked) {
  return [command = std::move(command), decide, asked](
             model::World& world, const domain::Env& env) -> absl::StatusOr<engine::Render> {
    ASSIGN_OR_RETURN(Result result, decide(world, command, env));
    return engine::Render([result = std::move(result), asked](const engine::Decided& decided) {
      return wire::RenderAnswer<Response>(decided, result, asked);
    });
  };
}

class RpcService : public grpc::Service {
 public:
  // Full names of the RPCs in the table, "lmp.v1.CustomerService/GetCustomer": a test compares them with the proto.
  std::vector<std::string> MethodNames() const;

 protected:
  RpcService(const char* service, Engines engines) : service_(service), engines_(engines) {}

  // A mutation: request → wire::Parse → decide → wire::Render, through the write engine.
  template <class Request, class Response, class Command, class Result>
  void AddMutation(const char* method, const char* event_kind,
                   absl::StatusOr<Result> (*decide)(model::World&, const Command&, const domain::Env&)) {
    Add<Request>(method, [this, method, event_kind, decide](Call* call, const Request& request) {
      const absl::StatusOr<wire::Asked> asked = wire::ParseAsked(request);
      const auto parsed = ParseMutation<Command>(request, asked.status(), engines_.ids);
      if (!parsed.ok()) return call->Answer(parsed.status());
      const char* kind = event_kind;
      if constexpr (requires { parsed->event_kind(); }) kind = parsed->event_kind();  // it depends on the request
      engine::Mutation mutation = NewMutation(call, request, method, kind);
      mutation.footprint = parsed->footprint();
      mutation.decide = DecideAndRender<Response>(*parsed, decide, *asked);
      engines_.writes.Submit(std::move(mutation));
    });
  }

  // A read of rows by key: `parse` gives the key, `footprint` what to load, `answer` fills the response from it. With a
  // read_time in the request, from what it was then; with a max_staleness maybe as it was given before.
  template <class Request, class Response, class Key>
  void AddQuery(const char* method, engine::ReadEngine& engine, absl::StatusOr<Key> (*parse)(const Request&),
                model::Footprint (*footprint)(const Key&),
                absl::Status (*answer)(const model::World&, const Key&, const domain::Env&, Response*)) {
    Add<Request>(method, [this, &engine, parse, footprint, answer](Call* call, const Request& request) {
      const absl::StatusOr<Key> key = parse(request);
      const absl::StatusOr<wire::ReadOptions> options = ParseOptions<Response>(request);
      const absl::Status status = wire::BothInvalid(key.status(), options.status());
      if (!status.ok()) return call->Answer(status);
      if (options->read_time.has_value()) {
        SubmitList<Response>(call, [key = *key, options = *options, footprint, answer](const Reading& reading,
                                                                                       Response* response) -> absl::Status {
          RETURN_IF_ERROR(wire::CheckReadTime(options, reading.env.now));
          const absl::Time then = *options.read_time;
          const domain::Env env{then, absl::ToCivilDay(then, absl::UTCTimeZone()), reading.env.caller, reading.env.ids};
          ASSIGN_OR_RETURN(const model::World world, engine::LoadWorldAt(reading.connection, reading.cache, footprint(key), then));
          RETURN_IF_ERROR(answer(world, key, env, response));
          options.mask.Apply(response);
          return absl::OkStatus();
        });
        return;
      }
      std::string keep_as;
      if constexpr (requires { request.max_staleness(); }) {
        if (options->max_staleness > absl::ZeroDuration()) {
          keep_as = AnswerKey(call->caller(), *key);
          std::optional<std::string> kept = engine.Kept(keep_as, options->max_staleness);
          if (kept.has_value()) return call->Answer(*std::move(kept));
        }
      }
      engine.Submit({.caller = call->caller(),
                     .deadline = call->deadline(),
                     .bytes = call->bytes(),
                     .gone = call->gone(),
                     .footprint = footprint(*key),
                     .answer = [key = *key, mask = options->mask, answer](
                                   const model::World& world, const domain::Env& env) -> absl::StatusOr<std::string> {
                       Response response;
                       RETURN_IF_ERROR(answer(world, key, env, &response));
                       mask.Apply(&response);
                       return response.SerializeAsString();
                     },
                     .keep_as = std::move(keep_as),
                     .done = [call](absl::StatusOr<std::string> response) { call->Answer(std::move(response)); }});
    });
  }

  // A page of rows: see listing.h.
  template <class Listing>
  void AddListing(const char* method, Listing listing) {
    using Response = typename Listing::Response;
    Add<typename Listing::Request>(method, [this, listing = std::move(listing)](Call* call, const auto& request) {
      auto arguments = ListArguments<Listing>::Parse(listing, engines_.tokens, engines_.lists.Now(), request);
      if (!arguments.ok()) return call->Answer(arguments.status());
      const auto shared = std::make_shared<const ListArguments<Listing>>(*std::move(arguments));
      SubmitList<Response>(call, [&listing, shared](const Reading& reading, Response* response) {
        return ListCall<Listing>(listing, reading, *shared).Run(response);
      });
    });
  }

  // A page of something else than rows: `list` reads it within the caller's scope and fills the response. `check` says what
  // is wrong with the request, without the database.
  template <class Request, class Response>
  void AddList(const char* method, absl::Status (*check)(const Request&),
               absl::Status (*list)(const Reading&, const Request&, const wire::PageRequest&, Response*)) {
    Add<Request>(method, [this, check, list](Call* call, const Request& request) {
      const absl::StatusOr<wire::PageRequest> page = engines_.tokens.Parse(request);
      const absl::Status status = wire::BothInvalid(check(request), page.status());
      if (!status.ok()) return call->Answer(status);
      SubmitList<Response>(call, [list, request, page = *page](const Reading& reading, Response* response) {
        return list(reading, request, page, response);
      });
    });
  }

  // A read by key that is not done with rows alone, such as one of the history: `read` runs its own statements.
  template <class Request, class Response, class Key>
  void AddLookup(const char* method, absl::StatusOr<Key> (*parse)(const Request&),
                 absl::Status (*read)(const Reading&, Key, Response*)) {
    Add<Request>(method, [this, parse, read](Call* call, const Request& request) {
      const absl::StatusOr<Key> key = parse(request);
      const absl::StatusOr<wire::ReadOptions> options = ParseOptions<Response>(request);
      const absl::Status status = wire::BothInvalid(key.status(), options.status());
      if (!status.ok()) return call->Answer(status);
      SubmitList<Response>(call, [read, key = *key, mask = options->mask](const Reading& reading,
                                                                          Response* response) -> absl::Status {
        RETURN_IF_ERROR(read(reading, key, response));
        mask.Apply(response);
        return absl::OkStatus();
      });
    });
  }

  // A read that runs its own statements in a snapshot.
  template <class Response, class F>
  void SubmitList(Call* call, F fill) {
    engines_.lists.Submit({.caller = call->caller(),
                           .deadline = call->deadline(),
                           .bytes = call->bytes(),
                           .gone = call->gone(),
                           .list = [this, fill = std::move(fill)](storage::Connection& connection,
                                                                  const domain::Env& env) -> absl::StatusOr<std::string> {
                             Response response;
                             RETURN_IF_ERROR(fill(Reading{connection, engines_.cache, engines_.tokens, env}, &response));
                             return response.SerializeAsString();
                           },
                           .done = [call](absl::StatusOr<std::string> response) { call->Answer(std::move(response)); }});
  }

  // Any RPC: `handle` must have the call answered exactly once.
  template <class Request>
  void Add(const char* method, std::function<void(Call*, const Request&)> handle) {
    const wire::Bounds& bounds = wire::Bounds::Of(*Request::descriptor());
    AddRaw(method, [this, &bounds, handle = std::move(handle)](Call* call, const grpc::ByteBuffer& buffer) {
      if (!call->fault().ok()) return call->Answer(call->fault());
      Request request;
      const absl::Status status = ReadRequest(call, buffer, bounds, &request);
      if (!status.ok()) return call->Answer(status);
      handle(call, request);
    });
  }

  // A mutation with what all have in common, for a method that decides or renders in a way of its own.
  template <class Request>
  static engine::Mutation NewMutation(Call* call, const Request& request, const char* method, const char* event_kind) {
    engine::Mutation mutation;
    mutation.caller = call->caller();
    mutation.method = method;
    mutation.event_kind = event_kind;
    mutation.request_id = request.request_id().empty() ? NewUuid() : wire::RequestIdOf(request.request_id());
    if (request.request_id() != mutation.request_id) mutation.request_id_as_sent = request.request_id();
    mutation.fingerprint = wire::Fingerprint(request, {"request_id"});
    mutation.validate_only = request.validate_only();
    mutation.deadline = call->deadline();
    mutation.bytes = call->bytes();
    mutation.gone = call->gone();
    mutation.done = [call](absl::StatusOr<engine::Answer> answer) {
      if (!answer.ok()) return call->Answer(answer.status());
      call->Answer(std::move(answer->response), answer->replayed);
    };
    call->set_request_id(mutation.request_id);
    return mutation;
  }

 private:
  using RawHandler = std::function<void(Call*, const grpc::ByteBuffer&)>;

  void AddRaw(const char* method, RawHandler handle);

  // INVALID_ARGUMENT, naming the field that has more than it may, or fields with invalid UTF-8, or if the bytes are not a
  // message of this type.
  absl::Status ReadRequest(Call* call, const grpc::ByteBuffer& buffer, const wire::Bounds& bounds,
                           google::protobuf::Message* request) const;

  // An answer is only ever given again to whom it was given. Neither actors nor ids have such a separator.
  static std::string AnswerKey(const domain::Caller& caller, const model::RowKey& key) {
    return absl::StrCat(key.first, "\n", key.second, "\n", caller.actor);
  }

  // read_time, read_mask and max_staleness, where the request has them.
  template <class Response, class Request>
  static absl::StatusOr<wire::ReadOptions> ParseOptions(const Request& request) {
    wire::Fields fields;
    wire::ReadOptions options;
    if constexpr (requires { request.read_time(); } || requires { request.read_mask(); }) {
      options = wire::ParseReadOptions(request, wire::ResourceOf(*Response::descriptor()), fields);
    }
    if constexpr (requires { request.max_staleness(); }) {
      options.max_staleness = fields.Duration("max_staleness", request.max_staleness(), wire::kLongestStaleness);
    }
    RETURN_IF_ERROR(fields.status());
    return options;
  }

  // What every mutation has in common, from the request's fields of these names. `asked`: what is wrong with another one.
  template <class Command, class Request>
  static absl::StatusOr<Command> ParseMutation(const Request& request, const absl::Status& asked, domain::IdSource& ids) {
    absl::StatusOr<Command> command = absl::UnknownError("");
    if constexpr (requires { wire::Parse(request, ""); }) {
      command = wire::Parse(request, ids.NewId(absl::Now()));
    } else {
      command = wire::ParseNamed<Command>(request);
    }
    RETURN_IF_ERROR(wire::BothInvalid(asked, wire::BothInvalid(wire::CheckRequestId(request.request_id()), command.status())));
    return command;
  }

  const char* const service_;
  const Engines engines_;
  std::deque<std::string> names_;  // paths, each followed by its full name; gRPC keeps pointers into it
  int methods_ = 0;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_RPC_SERVICE_H_
