// Reads the images in events back: the inverse of ImageOf (columns.h), by the same field list.
#ifndef LMP_STORAGE_ROWS_IMAGES_H_
#define LMP_STORAGE_ROWS_IMAGES_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/model/change_set.h"
#include "storage/model/event.h"
#include "storage/mysql/connection.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {

// Presents an image as a row of a query, so that its values are read in the same way as those of the table.
class ImageReader final : public ResultSet {
 public:
  // Errors: DATA_LOSS if `json` is not a JSON object.
  static absl::StatusOr<ImageReader> Parse(const std::string& json);

  // The column of this name; -1 if the image has none.
  int ColumnOf(absl::string_view name) const;

  bool Next() override { return false; }
  bool IsNull(int column) override;
  std::string String(int column) override;
  int64_t Int64(int column) override;

 private:
  const Value& At(int column) const { return values_[static_cast<size_t>(column)]; }

  std::map<std::string, int, std::less<>> columns_;
  std::vector<Value> values_;
};

// Returns the row of an image. A field that the image does not have (the image is older than the field) gets the noun's
// default; a value for which the noun has no field (the field was given up) is ignored. Errors: DATA_LOSS.
template <class Row>
absl::StatusOr<Row> RowOf(const std::string& json) {
  ASSIGN_OR_RETURN(ImageReader image, ImageReader::Parse(json));
  Row row;
  Row::Visit(row, [&](absl::string_view name, auto& value) {
    const int column = image.ColumnOf(name);
    if (column >= 0) FromColumn(image, column, value);
  });
  RETURN_IF_ERROR(image.status());
  return row;
}

// Returns the one row that an event changed, before and after; empty if the event is of a table that this version does
// not know. Errors: DATA_LOSS for an image that can't be read.
absl::StatusOr<model::ChangeSet> ChangeOf(const model::Event& event);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_ROWS_IMAGES_H_
