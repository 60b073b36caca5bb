#include "server/rpcs/mutation.h"

#include "server/ids.h"
#include "server/wire/page_token.h"

namespace lmp::rpcs {

engine::Mutation NewMutation(const char* name, const google::protobuf::Message& request, const std::string& request_id,
                             bool validate_only) {
  engine::Mutation mutation;
  mutation.method = name;
  mutation.request_id = request_id.empty() ? server::NewUuid() : wire::RequestIdOf(request_id);
  if (request_id != mutation.request_id) mutation.request_id_as_sent = request_id;
  mutation.fingerprint = wire::Fingerprint(request, {"request_id"});
  mutation.validate_only = validate_only;
  return mutation;
}

}  // namespace lmp::rpcs
