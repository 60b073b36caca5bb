#include "client/cli/output/json_output.h"

#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/output/table.h"
#include "google/protobuf/util/json_util.h"

namespace lmp::cli {
namespace {

using Json = nlohmann::ordered_json;

// The paths of a mask as a tree, part by part; a leaf stands for everything below it.
struct Paths {
  std::map<std::string, Paths> below;
};

Paths PathsOf(const google::protobuf::FieldMask& mask) {
  Paths paths;
  for (const std::string& path : mask.paths()) {
    Paths* at = &paths;
    for (const std::string& part : std::vector<std::string>(absl::StrSplit(path, '.'))) at = &at->below[part];
  }
  return paths;
}

// `value` without the fields to which no path leads; paths go through lists too.
Json Kept(const Json& value, const Paths& paths) {
  if (paths.below.empty() || paths.below.count("*") > 0) return value;
  if (value.is_array()) {
    Json items = Json::array();
    for (const Json& item : value) items.push_back(Kept(item, paths));
    return items;
  }
  if (!value.is_object()) return value;
  Json kept = Json::object();
  for (const auto& [key, field] : value.items()) {
    const auto path = paths.below.find(key);
    if (path != paths.below.end()) kept[key] = Kept(field, path->second);
  }
  return kept;
}

// Outside of strings JSON is ASCII, so these characters can only be in a string.
std::string WithEscapes(absl::string_view json) {
  std::string result;
  while (!json.empty()) {
    const absl::string_view rest = json;
    const uint32_t c = TakeCharacter(json);
    if (c < 0x80 || !IsUnprintable(c)) {
      result.append(rest.data(), rest.size() - json.size());
    } else if (c < 0x10000) {
      absl::StrAppendFormat(&result, "\\u%04x", c);
    } else {
      absl::StrAppendFormat(&result, "\\u%04x\\u%04x", 0xD7C0 + (c >> 10), 0xDC00 + (c & 0x3FF));
    }
  }
  return result;
}

google::protobuf::util::JsonPrintOptions JsonOptions() {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  return options;
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message, const google::protobuf::FieldMask& mask) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, JsonOptions());
  if (!status.ok()) return "{}";  // never happens: only an Any of an unknown type can't be written
  if (mask.paths_size() > 0) json = Kept(Json::parse(json, nullptr, false), PathsOf(mask)).dump(1);
  return WithEscapes(absl::StripAsciiWhitespace(json));
}

std::string ToJson(const MessageList& items, const google::protobuf::FieldMask& mask) {
  if (items.empty()) return "[]";
  const auto append = [&](std::string* out, const auto& item) { absl::StrAppend(out, ToJson(*item, mask)); };
  return absl::StrCat("[\n", absl::StrJoin(items, ",\n", append), "\n]");
}

}  // namespace lmp::cli
