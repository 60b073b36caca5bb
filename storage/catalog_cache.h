// Partners, products and plans as they were at one version of the catalog. Every transaction first reads (and locks in
// shared mode) the version, so a cached row is exactly as fresh as a row that is read again. Any change of the catalog
// empties the cache.
#ifndef LMP_STORAGE_CATALOG_CACHE_H_
#define LMP_STORAGE_CATALOG_CACHE_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/synchronization/mutex.h"
#include "storage/model/world.h"

namespace lmp::storage {

class CatalogCache {
 public:
  // Copies those of the wanted rows that are cached at `version` into `found`, and returns the ids of the others.
  template <class Row>
  std::vector<std::string> Lookup(int64_t version, const std::set<std::string>& ids, model::Rows<Row>& found) {
    std::vector<std::string> missing;
    absl::MutexLock lock(&mutex_);
    const model::Rows<Row>& cached = RowsOf<Row>();
    for (const std::string& id : ids) {
      const auto it = version == version_ ? cached.find({id, ""}) : cached.end();
      if (it == cached.end()) {
        missing.push_back(id);
      } else {
        found.insert(*it);
      }
    }
    return missing;
  }

  // Keeps rows that were read at `version`, unless the cache has rows of a newer version.
  template <class Row>
  void Store(int64_t version, const model::Rows<Row>& rows) {
    absl::MutexLock lock(&mutex_);
    if (version < version_) return;
    if (version > version_ || size_ > kMaxRows) {
      rows_ = {};
      size_ = 0;
      version_ = version;
    }
    RowsOf<Row>().insert(rows.begin(), rows.end());
    size_ += rows.size();
  }

 private:
  static constexpr size_t kMaxRows = 50'000;  // about 20 MB; with more the cache is emptied

  template <class Row>
  model::Rows<Row>& RowsOf() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if constexpr (std::is_same_v<Row, model::Partner>) {
      return rows_.partners;
    } else if constexpr (std::is_same_v<Row, model::Product>) {
      return rows_.products;
    } else {
      return rows_.service_plans;
    }
  }

  absl::Mutex mutex_;
  int64_t version_ ABSL_GUARDED_BY(mutex_) = 0;
  model::Catalog rows_ ABSL_GUARDED_BY(mutex_);
  size_t size_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_CATALOG_CACHE_H_
