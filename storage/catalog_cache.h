// Partners, products and plans, each with the versions of the catalog at which it is known to be as it is here. Every
// transaction first reads (and locks in shared mode) the version, so a cached row is exactly as fresh as a row that is
// read again. When the catalog changes nothing is thrown away: what did not change is confirmed by its stamp
// (catalog_refresh.h), and only what did is read again.
#ifndef LMP_STORAGE_CATALOG_CACHE_H_
#define LMP_STORAGE_CATALOG_CACHE_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "storage/model/world.h"

namespace lmp::storage {

// Ids of rows of the catalog, by kind.
struct CatalogIds {
  std::set<std::string> partners, products, service_plans;
  bool empty() const { return partners.empty() && products.empty() && service_plans.empty(); }

  template <class Row>
  std::set<std::string>& Of() {
    if constexpr (std::is_same_v<Row, model::Partner>) {
      return partners;
    } else if constexpr (std::is_same_v<Row, model::Product>) {
      return products;
    } else {
      return service_plans;
    }
  }
};

// Thread-safe.
class CatalogCache {
 public:
  // With more rows than this, about 20 MB, all are thrown away.
  static constexpr size_t kMaxRows = 50'000;

  explicit CatalogCache(size_t max_rows = kMaxRows) : max_rows_(max_rows) {}

  // Copies those of the wanted rows that are known at `version` into `found`, and returns the ids of the others.
  template <class Row>
  std::vector<std::string> Lookup(int64_t version, const std::set<std::string>& ids, model::Rows<Row>& found) {
    std::vector<std::string> missing;
    absl::MutexLock lock(&mutex_);
    for (const std::string& id : ids) {
      const Kept<Row>* kept = Find<Row>(id);
      if (kept == nullptr || !kept->KnownAt(version)) {
        missing.push_back(id);
      } else {
        found.emplace(model::RowKey(id, ""), kept->row);
      }
    }
    return missing;
  }

  // Keeps rows that were read at `version`; rows that are known as they were later stay.
  template <class Row>
  void Store(int64_t version, const model::Rows<Row>& rows) {
    absl::MutexLock lock(&mutex_);
    if (size_ + rows.size() > max_rows_) Clear();
    for (const auto& [key, row] : rows) {
      const auto [it, added] = RowsOf<Row>().try_emplace(key.first, Kept<Row>{row, version, version});
      if (added) {
        ++size_;
      } else if (it->second.row.stamp == row.stamp) {
        it->second.Extend(version);
      } else if (it->second.to < version) {
        it->second = {row, version, version};
      }
    }
  }

  // Of the wanted rows, and of all that they lead to (plans to partners and products, suites to components, partners to
  // parents), the ids of those that are kept, but not known at `version`.
  CatalogIds Unconfirmed(int64_t version, const CatalogIds& wanted) {
    CatalogIds unconfirmed;
    absl::MutexLock lock(&mutex_);
    CatalogIds more;  // what the kept rows lead to
    for (const std::string& id : wanted.service_plans) {
      if (const auto* kept = Note<model::ServicePlan>(id, version, unconfirmed); kept != nullptr) {
        more.partners.insert(kept->row.partner_id);
        more.products.insert(kept->row.product_id);
        more.products.insert(kept->row.components.begin(), kept->row.components.end());
      }
    }
    more.partners.insert(wanted.partners.begin(), wanted.partners.end());
    more.products.insert(wanted.products.begin(), wanted.products.end());
    for (const std::string& id : more.products) {
      if (const auto* kept = Note<model::Product>(id, version, unconfirmed); kept != nullptr) {
        for (const std::string& component : kept->row.components) Note<model::Product>(component, version, unconfirmed);
      }
    }
    for (const std::string& id : more.partners) {
      const auto* kept = Note<model::Partner>(id, version, unconfirmed);
      if (kept != nullptr && kept->row.parent_id.has_value()) {
        Note<model::Partner>(*kept->row.parent_id, version, unconfirmed);
      }
    }
    return unconfirmed;
  }

  // The row with this id has this stamp at `version`: if the kept one has it too, it is known from now on to be the
  // same then, and so at all versions in between. A revision never comes back, and with a restored backup it has
  // another update_time.
  template <class Row>
  void Confirm(int64_t version, const std::string& id, int revision, absl::Time update_time) {
    absl::MutexLock lock(&mutex_);
    const auto it = RowsOf<Row>().find(id);
    if (it == RowsOf<Row>().end()) return;
    const model::Stamp& stamp = it->second.row.stamp;
    if (stamp.revision == revision && stamp.update_time == update_time) it->second.Extend(version);
  }

  size_t size() {
    absl::MutexLock lock(&mutex_);
    return size_;
  }

 private:
  // A row, and the first and last version at which it is known to be as here.
  template <class Row>
  struct Kept {
    Row row;
    int64_t from = 0, to = 0;

    bool KnownAt(int64_t version) const { return from <= version && version <= to; }
    void Extend(int64_t version) {
      from = std::min(from, version);
      to = std::max(to, version);
    }
  };
  template <class Row>
  using KeptRows = std::map<std::string, Kept<Row>>;

  template <class Row>
  KeptRows<Row>& RowsOf() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if constexpr (std::is_same_v<Row, model::Partner>) {
      return partners_;
    } else if constexpr (std::is_same_v<Row, model::Product>) {
      return products_;
    } else {
      return service_plans_;
    }
  }
  template <class Row>
  const Kept<Row>* Find(const std::string& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto it = RowsOf<Row>().find(id);
    return it == RowsOf<Row>().end() ? nullptr : &it->second;
  }
  // Notes the id if the row is kept and not known at `version`. Returns the row if it is kept.
  template <class Row>
  const Kept<Row>* Note(const std::string& id, int64_t version, CatalogIds& unconfirmed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const Kept<Row>* kept = Find<Row>(id);
    if (kept != nullptr && !kept->KnownAt(version)) unconfirmed.Of<Row>().insert(id);
    return kept;
  }
  void Clear() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    partners_.clear();
    products_.clear();
    service_plans_.clear();
    size_ = 0;
  }

  const size_t max_rows_;
  absl::Mutex mutex_;
  KeptRows<model::Partner> partners_ ABSL_GUARDED_BY(mutex_);
  KeptRows<model::Product> products_ ABSL_GUARDED_BY(mutex_);
  KeptRows<model::ServicePlan> service_plans_ ABSL_GUARDED_BY(mutex_);
  size_t size_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_CATALOG_CACHE_H_
