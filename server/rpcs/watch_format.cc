#include "server/rpcs/watch_format.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "lmp/v1/watch_licenses.pb.h"
#include "server/wire/resource.h"

namespace lmp::rpcs {
namespace {

static_assert(int{v1::WatchEventsResponse::kResumeTokenFieldNumber} ==
              int{v1::WatchLicensesResponse::kResumeTokenFieldNumber});
static_assert(int{v1::WatchEventsResponse::kEventsFieldNumber} == int{v1::WatchLicensesResponse::kFactsFieldNumber});

constexpr char kItemTag = static_cast<char>(v1::WatchEventsResponse::kEventsFieldNumber << 3 | 2);

}  // namespace

std::string Serialized(WatchFormat format, const WatchEnvelope& envelope) {
  if (format == WatchFormat::kEvents) {
    v1::WatchEventsResponse message;
    message.set_resume_token(envelope.resume_token);
    message.set_snapshot(envelope.snapshot);
    message.set_signed_head(envelope.signed_head);
    return message.SerializeAsString();
  }
  v1::WatchLicensesResponse message;
  message.set_resume_token(envelope.resume_token);
  message.set_snapshot(envelope.snapshot);
  if (envelope.read_time != absl::InfinitePast()) wire::ToProto(envelope.read_time, message.mutable_read_time());
  return message.SerializeAsString();
}

void AppendItem(absl::string_view item, std::string& items) {
  items.push_back(kItemTag);
  uint64_t length = item.size();
  for (; length >= 0x80; length >>= 7) items.push_back(static_cast<char>(length | 0x80));
  items.push_back(static_cast<char>(length));
  absl::StrAppend(&items, item);
}

}  // namespace lmp::rpcs
