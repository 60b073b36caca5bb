// A mutation as a value: request → parse → decide → render, through the write engine. The types are deduced from the
// functions, so functions that do not fit together do not compile.
#ifndef LMP_SERVER_RPCS_MUTATION_H_
#define LMP_SERVER_RPCS_MUTATION_H_

#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "server/domain/event_kinds.h"
#include "server/rpcs/rpc.h"
#include "server/wire/fields.h"
#include "server/wire/mutation_request.h"
#include "server/wire/mutation_response.h"
#include "server/wire/preview_token.h"
#include "storage/status_macros.h"

namespace lmp::rpcs {

namespace event = domain::event;
using auth::Permission;

// Makes what all mutations have in common: a mutation with the name of its RPC, without its decision.
engine::Mutation NewMutation(const char* name, const google::protobuf::Message& request, const std::string& request_id,
                             bool validate_only);

template <class Event, class Request, class Command, class Result, class Rendered, class Response, class... Context>
struct MutationRpc {
  const char* name;
  Event event;  // the kind of its events, or a function that returns it for the command
  Needs needs;
  // `context` is empty, or a const ServerContext&
  absl::StatusOr<Command> (*parse)(const Request& request, Context... context);
  absl::StatusOr<Result> (*decide)(model::World& world, const Command& command, const domain::Env& env);
  // Sets the response's own fields. Returns nothing, or a status that may still refuse the mutation.
  Rendered (*render)(const engine::Decision& decided, const Result& result, Response* response);

  operator Rpc() const {  // NOLINT: implicit, as the table is a list of Rpc
    Rpc rpc = RpcOf<Request, Response>(name, needs);
    rpc.write = [self = *this](const google::protobuf::Message& message, const absl::StatusOr<wire::Asked>& asked,
                               const wire::ServerContext& context) {
      return self.Make(static_cast<const Request&>(message), asked, context);
    };
    return rpc;
  }

 private:
  absl::StatusOr<engine::Mutation> Make(const Request& request, const absl::StatusOr<wire::Asked>& asked,
                                        const wire::ServerContext& context) const {
    absl::StatusOr<Command> command = ParseWith(parse, request, context);
    RETURN_IF_ERROR(wire::BothInvalid(asked.status(),
                                      wire::BothInvalid(wire::CheckRequestId(request.request_id()), command.status())));
    engine::Mutation mutation = NewMutation(name, request, request.request_id(), request.validate_only());
    mutation.event_kind = KindOf(*command);
    mutation.footprint = command->footprint();
    if constexpr (requires { command->completion(); }) {
      if (!request.validate_only()) mutation.complete = command->completion();
    }
    mutation.decide = [command = *std::move(command), decide = decide, render = render, asked = *asked](
                          model::World& world, const domain::Env& env) -> absl::StatusOr<engine::ResponseWriter> {
      ASSIGN_OR_RETURN(Result result, decide(world, command, env));
      return engine::ResponseWriter(
          [result = std::move(result), render, asked](const engine::Decision& decided) -> absl::StatusOr<std::string> {
            Response response;
            if constexpr (std::is_void_v<Rendered>) {
              render(decided, result, &response);
            } else {
              RETURN_IF_ERROR(render(decided, result, &response));
            }
            return wire::FinishResponse(decided, asked, &response);
          });
    };
    return mutation;
  }

  const char* KindOf(const Command& command) const {
    if constexpr (std::is_invocable_v<Event, const Command&>) {
      return std::invoke(event, command);
    } else {
      return event;
    }
  }
};

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_MUTATION_H_
