// After a change of the catalog: one statement, by which all that a batch needs and that did not change stays cached,
// whoever changed the rest.
#ifndef LMP_STORAGE_CATALOG_REFRESH_H_
#define LMP_STORAGE_CATALOG_REFRESH_H_

#include <cstdint>

#include "absl/status/status.h"
#include "storage/catalog_cache.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// For one transaction, in which the catalog's version was read.
class CatalogRefresh final {
 public:
  // `wanted` has the rows that the transaction begins with; what they lead to is found. It must outlive this.
  CatalogRefresh(Connection& connection, CatalogCache& cache, int64_t version, const CatalogIds& wanted)
      : connection_(connection), cache_(cache), version_(version), wanted_(wanted) {}

  // Confirms in the cache what is as it was; the first time only, and without a statement if nothing is unconfirmed.
  // Errors: those of the connection.
  absl::Status Once();

 private:
  Connection& connection_;
  CatalogCache& cache_;
  const int64_t version_;
  const CatalogIds& wanted_;
  bool done_ = false;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_CATALOG_REFRESH_H_
