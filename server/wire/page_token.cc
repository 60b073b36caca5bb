#include "server/wire/page_token.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <openssl/sha.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/domain/refusal.h"

namespace lmp::wire {
namespace {

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;
constexpr size_t kFingerprintBytes = 12;  // of 32: a mix-up shows, and a token stays short

std::string Sha256(const std::string& bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

// A position, and a fingerprint of it and of the arguments it belongs to. page_size may change from page to page;
// page_token does.
std::string Seal(const google::protobuf::Message& request, const model::RowKey& key) {
  std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  copy->GetReflection()->ClearField(copy.get(), copy->GetDescriptor()->FindFieldByName("page_size"));
  const std::string position = absl::StrCat(key.first, "\n", key.second, "\n");
  return position +
         Sha256(absl::StrCat(request.GetTypeName(), "\n", position, Fingerprint(*copy, "page_token"))).substr(0, kFingerprintBytes);
}

}  // namespace

std::string Fingerprint(const google::protobuf::Message& message, const std::string& without_field) {
  std::unique_ptr<google::protobuf::Message> copy(message.New());
  copy->CopyFrom(message);
  if (const auto* field = copy->GetDescriptor()->FindFieldByName(without_field)) {
    copy->GetReflection()->ClearField(copy.get(), field);
  }
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);  // maps in order
    copy->SerializeToCodedStream(&coded);
  }
  return Sha256(bytes);
}

absl::StatusOr<storage::PageOptions> ParsePage(const google::protobuf::Message& request) {
  const auto* type = request.GetDescriptor();
  const auto* reflection = request.GetReflection();
  const int size = reflection->GetInt32(request, type->FindFieldByName("page_size"));
  const std::string token = reflection->GetString(request, type->FindFieldByName("page_token"));
  storage::PageOptions options;
  if (size < 0) return domain::InvalidFields({{"page_size", "must not be negative"}});
  options.limit = size == 0 ? kDefaultPageSize : std::min(size, kMaxPageSize);
  if (token.empty()) return options;
  std::string text;
  const absl::Status invalid = domain::Refuse(
      absl::StatusCode::kInvalidArgument, "page_token is not from an answer to a call with the same other arguments",
      {.reason = "PAGE_TOKEN_INVALID", .violations = {{"page_token", "is not from a call with the same arguments"}}});
  if (!absl::WebSafeBase64Unescape(token, &text)) return invalid;
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('\n', 2));
  if (parts.size() != 3 || text != Seal(request, {parts[0], parts[1]})) return invalid;
  options.after = {parts[0], parts[1]};
  return options;
}

std::string NextPageToken(const google::protobuf::Message& request, const storage::Page& page) {
  if (!page.more || page.keys.empty()) return "";
  return absl::WebSafeBase64Escape(Seal(request, page.keys.back()));
}

}  // namespace lmp::wire
