#include "server/wire/page_token.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/wire/fields.h"
#include "storage/sha256.h"
#include "storage/status_macros.h"

namespace lmp::wire {
namespace {

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;
constexpr size_t kMacBytes = 16;  // of 32: nobody can guess them, and the token stays short

// The value comes last, because a display name may have a line break.
std::string TextOf(const storage::Position& position) {
  return absl::StrCat(position.key.first, "\n", position.key.second, "\n", position.value);
}

}  // namespace

std::string Fingerprint(const google::protobuf::Message& message, std::initializer_list<const char*> without_fields) {
  std::unique_ptr<google::protobuf::Message> copy(message.New());
  copy->CopyFrom(message);
  for (const char* name : without_fields) {
    const auto* field = copy->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) copy->GetReflection()->ClearField(copy.get(), field);
  }
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);  // maps are in order of their keys
    copy->SerializeToCodedStream(&coded);
  }
  return storage::Sha256(bytes);
}

std::string PageTokens::Seal(const google::protobuf::Message& request, const std::string& position) const {
  // page_size may differ from page to page, and page_token always does.
  std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  copy->GetReflection()->ClearField(copy.get(), copy->GetDescriptor()->FindFieldByName("page_size"));
  const std::string sealed = absl::StrCat(request.GetTypeName(), "\n", Fingerprint(*copy, {"page_token"}), position);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
       reinterpret_cast<const unsigned char*>(sealed.data()), sealed.size(), mac, &size);
  return std::string(reinterpret_cast<const char*>(mac), kMacBytes) + position;
}

absl::StatusOr<PageRequest> PageTokens::Parse(const google::protobuf::Message& request) const {
  const auto* type = request.GetDescriptor();
  const auto* reflection = request.GetReflection();
  const int size = reflection->GetInt32(request, type->FindFieldByName("page_size"));
  const std::string token = reflection->GetString(request, type->FindFieldByName("page_token"));
  PageRequest page;
  const absl::Status negative =
      size < 0 ? domain::InvalidFields({{"page_size", "must not be negative"}}) : absl::OkStatus();
  page.limit = size == 0 ? kDefaultPageSize : std::min(size, kMaxPageSize);
  if (token.empty()) {
    RETURN_IF_ERROR(negative);
    return page;
  }
  std::string text;
  const absl::Status invalid = BothInvalid(
      negative, domain::Refuse(absl::StatusCode::kInvalidArgument,
                               "page_token is not from an answer to a call with the same other arguments",
                               {.reason = domain::reason::kPageTokenInvalid,
                                .violations = {{"page_token", "is not from a call with the same arguments"}}}));
  if (!absl::WebSafeBase64Unescape(token, &text) || absl::WebSafeBase64Escape(text) != token ||
      text.size() < kMacBytes) {
    return invalid;
  }
  const std::string position = text.substr(kMacBytes);
  if (CRYPTO_memcmp(text.data(), Seal(request, position).data(), kMacBytes) != 0) return invalid;
  RETURN_IF_ERROR(negative);
  const std::vector<std::string> parts = absl::StrSplit(position, absl::MaxSplits('\n', 2));
  if (parts.size() != 3) return invalid;
  page.after = storage::Position{parts[2], {parts[0], parts[1]}};
  return page;
}

std::string PageTokens::Next(const google::protobuf::Message& request, const storage::Position& last) const {
  return absl::WebSafeBase64Escape(Seal(request, TextOf(last)));
}

}  // namespace lmp::wire
