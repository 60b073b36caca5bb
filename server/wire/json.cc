#include "server/wire/json.h"

#include <google/protobuf/type.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <map>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace lmp::wire {
namespace {

constexpr char kPrefix[] = "type.googleapis.com";

// Thread-safe. Enums are not kept: they are few.
class Types final : public google::protobuf::util::TypeResolver {
 public:
  google::protobuf::util::Status ResolveMessageType(const std::string& url, google::protobuf::Type* type) override {
    absl::MutexLock lock(&mutex_);
    const auto [known, is_new] = types_.try_emplace(url);
    if (is_new) {
      const auto status = pool_->ResolveMessageType(url, &known->second);
      if (!status.ok()) {
        types_.erase(known);
        return status;
      }
      DropOptions(known->second);
    }
    *type = known->second;
    return {};
  }
  google::protobuf::util::Status ResolveEnumType(const std::string& url, google::protobuf::Enum* type) override {
    return pool_->ResolveEnumType(url, type);
  }

 private:
  // Drops all options except the one that printing needs: whether the type is an entry of a map.
  static void DropOptions(google::protobuf::Type& type) {
    for (google::protobuf::Field& field : *type.mutable_fields()) field.clear_options();
    for (const google::protobuf::Option& option : type.options()) {
      if (absl::EndsWith(option.name(), "map_entry")) return;
    }
    type.clear_options();
  }

  const std::unique_ptr<google::protobuf::util::TypeResolver> pool_{
      google::protobuf::util::NewTypeResolverForDescriptorPool(kPrefix,
                                                               google::protobuf::DescriptorPool::generated_pool())};
  absl::Mutex mutex_;
  std::map<std::string, google::protobuf::Type> types_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::string ToJson(const google::protobuf::Message& message) {
  static Types& types = *new Types;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status = google::protobuf::util::BinaryToJsonString(
      &types, absl::StrCat(kPrefix, "/", message.GetDescriptor()->full_name()), message.SerializeAsString(), &text,
      options);
  return status.ok() ? text : "{}";
}

}  // namespace lmp::wire
