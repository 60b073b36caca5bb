// A request of any RPC, as its service reads it: limits, message, fields. The first line is the RPC's name.

#include <google/protobuf/message.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "server/rpcs/rpc.h"
#include "server/wire/bounds.h"
#include "server/wire/fields.h"
#include "server/wire/mutation_request.h"
#include "server/wire/preview_token.h"
#include "tests/domain/fake_ids.h"
#include "tests/fuzz/target.h"

namespace lmp::fuzz {
namespace {

// A caller who sends something wrong is told so, in words that can be sent back.
void RequireSaid(const absl::Status& status, absl::string_view where) {
  if (status.ok()) return;
  Require(status.code() == absl::StatusCode::kInvalidArgument ||
              status.code() == absl::StatusCode::kFailedPrecondition || status.code() == absl::StatusCode::kNotFound,
          absl::StrCat(where, ": what is wrong with a request is said by one of three codes: ", status.ToString()));
  Require(wire::IsUtf8(status.message()), absl::StrCat(where, ": the message is UTF-8"));
}

void Parse(const rpcs::Rpc& rpc, const google::protobuf::Message& request) {
  domain::FakeIds ids;
  const wire::PageTokens tokens("secret");
  const wire::ServerContext context{ids, tokens, absl::FromUnixSeconds(1'780'000'000)};
  if (rpc.write) RequireSaid(rpcs::MutationOf(rpc, request, context).status(), rpc.name);
  if (rpc.read) {
    storage::CatalogCache cache;
    RequireSaid(rpc.read(request, cache, context).status(), rpc.name);
  }
}

}  // namespace

void FuzzRequest(absl::string_view input) {
  const auto [name, bytes] = FirstLine(input);
  const rpcs::Rpc* rpc = rpcs::FindRpc(name);
  if (rpc == nullptr) return;
  const absl::Status within = wire::Bounds::Of(*rpc->request->GetDescriptor()).Check(bytes);
  RequireSaid(within, "bounds");
  if (!within.ok()) return;
  const std::unique_ptr<google::protobuf::Message> request(rpc->request->New());
  if (!request->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    wire::InvalidUtf8Fields(*rpc->request->GetDescriptor(), std::string(bytes));
    return;
  }
  // What the limits let through is of the size of its bytes: a message of two bytes takes what an object takes.
  Require(request->SpaceUsedLong() <= 64 * 1024 + 60 * bytes.size(), "memory is a small multiple of the request");
  Parse(*rpc, *request);
}

}  // namespace lmp::fuzz
