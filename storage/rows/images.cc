#include "storage/rows/images.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace lmp::storage {
namespace {

Value ValueOf(const nlohmann::json& json) {
  if (json.is_null()) return {};
  if (json.is_boolean()) return static_cast<int64_t>(json.get<bool>());
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_string()) return json.get<std::string>();
  return json.dump();  // a list or a map, written as in the column
}

// Reads the event's images if they are of this kind of row.
template <class Row>
absl::Status ReadChange(const model::Event& event, std::vector<model::RowChange<Row>>& changes) {
  if (event.row_table != Row::kTable) return absl::OkStatus();
  model::RowChange<Row>& change = changes.emplace_back();
  ASSIGN_OR_RETURN(change.after, RowOf<Row>(event.after));
  if (event.before.has_value()) {
    ASSIGN_OR_RETURN(change.before, RowOf<Row>(*event.before));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImageReader> ImageReader::Parse(const std::string& json) {
  const nlohmann::json object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object()) return absl::DataLossError("the image of an event is not a JSON object");
  ImageReader reader;
  for (const auto& [name, value] : object.items()) {
    reader.columns_.emplace(name, static_cast<int>(reader.values_.size()));
    reader.values_.push_back(ValueOf(value));
  }
  return reader;
}

int ImageReader::ColumnOf(absl::string_view name) const {
  const auto it = columns_.find(std::string_view(name.data(), name.size()));
  return it == columns_.end() ? -1 : it->second;
}

bool ImageReader::IsNull(int column) { return std::holds_alternative<std::monostate>(At(column)); }

std::string ImageReader::String(int column) {
  const auto* text = std::get_if<std::string>(&At(column));
  return text == nullptr ? "" : *text;
}

int64_t ImageReader::Int64(int column) {
  const auto* number = std::get_if<int64_t>(&At(column));
  return number == nullptr ? 0 : *number;
}

absl::StatusOr<model::ChangeSet> ChangeOf(const model::Event& event) {
  model::ChangeSet set;
  absl::Status status;
  model::ForEachKind([&]<class Row>() { status.Update(ReadChange(event, model::ChangesOf<Row>(set))); });
  RETURN_IF_ERROR(status);
  return set;
}

}  // namespace lmp::storage
